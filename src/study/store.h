// The folder RUNS of finished and unfinished tasks, one folder RUNS/HASH per task, which any number
// of processes and studies may share. A record appears whole, by renaming, and last; whoever works
// on a task holds a lock on RUNS/HASH.lock, which ends with the process. So what a killed worker
// leaves is overwritten by the next. Tested by store_test.cc.
#pragma once

#include <optional>
#include <string>

#include "base/descriptor.h"
#include "study/plan.h"

namespace mote::study {

enum class Status : uint8_t { missing, done, failed };

class Store {
 public:
  // The folder is made when it is first written to.
  explicit Store(std::string root);

  const std::string& root() const { return root_; }
  std::string folder(const std::string& hash) const;                         // "RUNS/HASH"
  std::string file(const std::string& hash, const std::string& name) const;  // in that folder

  // What the task's record says; a record that cannot be read counts as missing.
  Status status(const std::string& hash) const;
  std::optional<Json> record(const std::string& hash) const;
  std::optional<Json> timing(const std::string& hash) const;
  // Done, with the model that other tasks need: a record may have been copied without it.
  bool complete(const Task& task) const;

  // What a worker reads: RUNS/HASH/task.json. Who writes it or the record has the claim.
  void write_task(const Task& task) const;
  Task read_task(const std::string& hash) const;

  // The right to work on a task; nothing while somebody else has it.
  std::optional<FileLock> claim(const std::string& hash) const;

  void write_record(const Task& task, const Json& record) const;
  void write_timing(const std::string& hash, const Json& timing) const;

 private:
  std::string root_;
};

// The names of the files in a task's folder.
inline constexpr const char* kRecord = "record.json";
inline constexpr const char* kTiming = "timing.json";
inline constexpr const char* kTask = "task.json";
inline constexpr const char* kModel = "model.tflite";
inline constexpr const char* kPredictions = "predictions.npy";
inline constexpr const char* kCheckpoint = "checkpoint.mote";
inline constexpr const char* kSteps = "checkpoint.steps.mote";  // of a recipe that trains
inline constexpr const char* kGraph = "graph.mote";  // with masks, for recipes that go on from it
inline constexpr const char* kLog = "log.txt";
inline constexpr const char* kScratch = "tmp";  // a folder, while the task is worked on

// {"schema", "version", "commit", "task", "cell", "inputs", "status"}, then `result` or `error`.
Json done_record(const Task& task, const Json& result);
Json failed_record(const Task& task, const Error& error);

}  // namespace mote::study
