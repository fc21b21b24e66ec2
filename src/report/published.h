// What others have published of compressing networks, for a report to draw beside a study's own:
// the [[published]] of a study's file (docs/report.md). Tested by published_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mote::report {

struct Published {
  std::string label;             // "MobileNet"
  double smaller_percent = 0;    // than the uncompressed model, [0, 100)
  std::optional<double> change;  // of top-1 accuracy, in points; nothing where no number is told
  std::string claim;             // in words, "minimal loss of accuracy"; may be empty
  std::string bytes;             // which were counted, "gzip"; empty: not told
  std::string source;            // who, where, when
  std::vector<std::string> data = {};  // the data sets that it is of; none: not told

  // How many times smaller.
  double ratio() const { return 100 / (100 - smaller_percent); }
};

// Of a TOML file, whatever else it says. Throws Error{invalid_input} naming file, line and key, and
// where the file has none.
std::vector<Published> read_published(const std::string& path);
std::vector<Published> parse_published(std::string_view text, const std::string& path);

}  // namespace mote::report
