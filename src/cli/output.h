// Everything that verbs print: on stdout a table for people or one JSON object for programs, on
// stderr notes. Tested by cli_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/command.h"

namespace mote::cli {

using Json = nlohmann::ordered_json;

// Columns as wide as they need; those that hold numbers alone are aligned to the right.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}
  void add(std::vector<std::string> row);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;  // the headings first
};

// "name  value" lines, for a single result.
std::string facts(const std::vector<std::pair<std::string, std::string>>& lines);

// With --json {"schema": "mote.VERB/1", "version": ..., then `fields`}, else `text`. Throws
// Error{usage} where stdout does not take it.
void print_result(const Common& common, const std::string& verb, const Json& fields,
                  const std::string& text);

// What to know of a result, on stderr, a line each; `about` is what they are about, or empty.
void print_notes(const Common& common, const std::string& about,
                 const std::vector<std::string>& notes);

// How numbers look to people: "44,032", "92.31 %", "3.2 s".
std::string grouped(int64_t number);
std::string percent(double fraction);
std::string seconds(double seconds);
std::string join(const std::vector<int32_t>& shape);  // "28x28x1"

}  // namespace mote::cli
