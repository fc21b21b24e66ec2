#include "report/published.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/toml_reader.h"

namespace mote::report {
namespace {

// Nothing is smaller by all of its bytes, or has lost more than all of its accuracy.
constexpr double kMostPercent = 99.999;
constexpr double kMostPoints = 100;

Published entry_of(const TomlReader& reader, const toml::table& table) {
  reader.allow(table, {"label", "smaller", "change", "claim", "bytes", "source", "data"});
  for (const std::string_view key : {"label", "smaller", "source"})
    if (!table.contains(key))
      reader.fail(table, fmt::format("no `{}`", key),
                  "[[published]] says who (`source`), of what (`label`) and by how many percent it "
                  "became `smaller`");
  Published entry;
  entry.label = reader.text(table, "label", "");
  entry.smaller_percent = reader.real(table, "smaller", 0, 0, kMostPercent);
  if (table.contains("change"))
    entry.change = reader.real(table, "change", 0, -kMostPoints, kMostPoints);
  entry.claim = reader.text(table, "claim", "");
  entry.bytes = reader.text(table, "bytes", "");
  entry.source = reader.text(table, "source", "");
  entry.data = reader.strings(table, "data");
  return entry;
}

}  // namespace

std::vector<Published> parse_published(std::string_view text, const std::string& path) {
  const TomlReader reader(path);
  const toml::table table = reader.parse(text, "a study's file, or any with [[published]]");
  const toml::node* list = table.get("published");
  if (list == nullptr)
    throw Error(ErrorKind::invalid_input, "has no [[published]]", path,
                "add one: label = \"MobileNet\", smaller = 77.01, source = \"...\"");
  if (!list->is_array_of_tables())
    reader.fail(*list, "`published` must be tables", "[[published]]");
  std::vector<Published> all;
  for (const toml::node& entry : *list->as_array())
    all.push_back(entry_of(reader, *entry.as_table()));
  return all;
}

std::vector<Published> read_published(const std::string& path) {
  const Bytes bytes = read_file(path);
  return parse_published({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

}  // namespace mote::report
