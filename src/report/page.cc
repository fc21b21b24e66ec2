// Fills the page's template: the style, the scripts and the packed records become part of the one
// file. Tested by page_test.cc and tests/browser.
#include "base/resources.h"
#include "base/template.h"
#include "report/pack.h"
#include "report/report.h"

namespace mote::report {
namespace {

// Within <script> nothing may look like its end or a comment's begin.
std::string for_script(const Json& json) {
  std::string text;
  for (char c : json.dump())
    if (c == '<')
      text += "\\u003c";
    else
      text.push_back(c);
  return text;
}

std::string escape_html(std::string_view text) {
  std::string result;
  for (char c : text) switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result.push_back(c);
    }
  return result;
}

}  // namespace

std::string html(const Records& records, const Made& made) {
  std::string title;
  for (const std::string& name : records.names) title += (title.empty() ? "" : ", ") + name;
  TemplateData data;
  data.set("title", escape_html(title));
  data.set("records", for_script(pack(records, made)));
  // "report/table.js" is {{{table_js}}} there.
  const std::string_view folder = "report/";
  for (std::string_view path : resources(folder)) {
    std::string name(path.substr(folder.size()));
    const size_t dot = name.find('.');
    if (dot != std::string::npos) name[dot] = '_';
    if (name != "report_html") data.set(name, std::string(resource(path)));
  }
  return fill_template("report/report.html", data);
}

}  // namespace mote::report
