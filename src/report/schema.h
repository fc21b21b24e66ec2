// The schema of a study's records, as data, and what holds a record against it: of JSON from
// outside only what has the right type gets through. Tested by records_test.cc.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace mote::report {

using Json = nlohmann::ordered_json;

// Something in a file that is not as it should be.
struct Problem {
  std::string file;     // "RUNS/HASH/record.json"
  std::string key;      // "/result/evaluation/top1"; empty where it is the whole file
  std::string message;  // "is missing"

  std::string text() const { return file + ": " + (key.empty() ? "" : key + " ") + message; }
};

// The file's content with the keys that the schema knows, those of a wrong type left out; what is
// wrong is added to `problems`. Null where nothing of it can be used.
Json clean_record(const Json& from, const std::string& file, std::vector<Problem>& problems);
Json clean_timing(const Json& from, const std::string& file, std::vector<Problem>& problems);

}  // namespace mote::report
