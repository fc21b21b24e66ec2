// The table of results: one row per measured model and per failed task, the columns as data. The
// page, Markdown, CSV and LaTeX show the same one. Tested by formats_test.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/records.h"

namespace mote::report {

// How a figure came about: never mixed, and told apart wherever it is shown.
enum class Source { given, measured, modelled, estimated };
std::string_view name_of(Source source);

enum class Format { text, count, percent, points, probability, number, interval };
std::string_view name_of(Format format);

struct Column {
  const char* key;
  const char* heading;
  const char* unit;  // empty where there is none
  Source source;
  Format format;
  const char* pointer;                     // into Task::record
  Json (*compute)(const Task&) = nullptr;  // instead
  const char* interval = nullptr;          // pointer to the interval of the value
  bool main = false;                       // shown without asking for all columns

  Json value(const Task& task) const;
};

std::span<const Column> columns();
const Column& column(std::string_view key);

// Whether this task is a row: measured models, and whatever failed.
bool is_row(const Task& task);
// "done", "does not fit", "not run" or "failed", and why, which is empty where it is done.
std::string outcome(const Task& task);
std::string reason(const Task& task);

// What people read: "92.31", "44,032", "+0.12", "" for null.
std::string text_of(Format format, const Json& value);

}  // namespace mote::report
