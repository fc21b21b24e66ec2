#include "cli/output.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace mote::cli {
namespace {

bool is_number(const std::string& cell) {
  return cell.empty() || cell == "-" ||
         (cell.find_first_of("0123456789") <= 1 &&
          cell.find_first_not_of("0123456789.,+-% e") == std::string::npos);
}

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw Error(ErrorKind::usage, std::string("cannot write: ") + std::strerror(errno), "stdout");
}

}  // namespace

void Table::add(std::vector<std::string> row) {
  row.resize(rows_[0].size());
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<size_t> widths(rows_[0].size());
  std::vector<bool> numeric(rows_[0].size(), true);
  for (size_t r = 0; r < rows_.size(); r++)
    for (size_t c = 0; c < widths.size(); c++) {
      widths[c] = std::max(widths[c], rows_[r][c].size());
      numeric[c] = numeric[c] && (r == 0 || is_number(rows_[r][c]));
    }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t c = 0; c < row.size(); c++) {
      const std::string padding(widths[c] - row[c].size(), ' ');
      line += (c ? "  " : "") + (numeric[c] ? padding + row[c] : row[c] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string facts(const std::vector<std::pair<std::string, std::string>>& lines) {
  size_t width = 0;
  for (const auto& [name, value] : lines) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : lines) text += fmt::format("{:<{}}  {}\n", name, width, value);
  return text;
}

void print_result(const Common& common, const std::string& verb, const Json& fields,
                  const std::string& text) {
  if (!common.json) return print(text);
  Json object{{"schema", "mote." + verb + "/1"}, {"version", MOTE_VERSION}};
  object.update(fields);
  print(object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void print_notes(const Common& common, const std::string& about,
                 const std::vector<std::string>& notes) {
  if (common.quiet) return;
  for (const std::string& note : notes)
    fmt::print(stderr, "mote: note: {}{}{}\n", about, about.empty() ? "" : ": ", note);
}

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  const ptrdiff_t first = number < 0 ? 1 : 0;
  for (auto at = static_cast<ptrdiff_t>(digits.size()) - 3; at > first; at -= 3)
    digits.insert(static_cast<size_t>(at), 1, ',');
  return digits;
}

std::string percent(double fraction) {
  return fmt::format("{:.2f} %", 100 * fraction);
}

std::string seconds(double seconds) {
  return fmt::format("{:.1f} s", seconds);
}

std::string join(const std::vector<int32_t>& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

}  // namespace mote::cli
