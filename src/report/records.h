// Reads the records of studies, RUNS/*/record.json and timing.json, for the report. They come from
// outside: what is cut, lacks keys or has wrong types is named and left out, nothing throws but a
// folder that has no records. Tested by records_test.cc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "report/schema.h"

namespace mote::report {

struct Task {
  std::string hash;  // the name of its folder
  std::string file;  // "RUNS/HASH/record.json", as problems name it
  Json record;       // what clean_record left, and at "timing" what clean_timing left
  std::map<std::string, std::string> identity = {};  // of what this record says (identity.h)

  // The value at a JSON pointer, null where there is none.
  const Json& at(const Json::json_pointer& pointer) const;
  const Json& at(const char* pointer) const { return at(Json::json_pointer(pointer)); }
  std::string text(const char* pointer) const;  // empty where there is none
  bool failed() const { return at("/status") == "failed"; }
  bool measure() const { return at("/task") == "measure"; }
  // A measured model that the device has no room for.
  bool too_large() const { return at("/result/firmware/fits") == false; }
};

struct Records {
  std::vector<std::string> names;  // of the folders, without what lies above them
  std::vector<Task> tasks;         // sorted: data, device, network, seed, scheme, recipe
  int64_t unfinished = 0;          // folders of tasks without a record
  std::vector<Problem> problems;

  // The task with this hash among `tasks`, which `task` took its input from ("train", "compress").
  const Task* input_of(const Task& task, const char* input) const;
};

// Names are unique among the tasks: tell_apart (identity.h) has seen to it. Throws
// Error{invalid_input} where a folder cannot be read or none of them has a record.
Records read_records(const std::vector<std::string>& folders);

}  // namespace mote::report
