// What a study found, for people: a page to look at, a table for a text or a paper, rows for other
// programs. Presentation only: it sorts, groups and draws what the records say, and measures
// nothing. The same records give the same bytes. docs/report.md; tested by *_test.cc here and in
// tests/browser.
#pragma once

#include <string>
#include <vector>

#include "report/published.h"
#include "report/records.h"

namespace mote::report {

struct Made {
  std::string version;                    // of this program
  std::string command;                    // that makes this report again
  std::vector<Published> published = {};  // drawn beside the study's own
};

// One HTML file that asks for nothing beyond itself.
std::string html(const Records& records, const Made& made);
// One table per data set and device, the text escaped for each format.
std::string markdown(const Records& records);
std::string latex(const Records& records);
// One line per row, all columns, numbers as the records have them (RFC 4180).
std::string csv(const Records& records);

}  // namespace mote::report
