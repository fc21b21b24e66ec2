// The three kinds of work that run_task chooses from: each computes the `result` of its record and
// leaves its files in the task's folder. Inside study/ only.
#pragma once

#include "datasets/dataset.h"
#include "study/task.h"

namespace mote::study {

struct Workplace {
  const Store& store;
  const Task& task;
  const datasets::Dataset& data;
  TaskOptions options;
  TaskCallback progress;

  std::string file(const std::string& name) const { return store.file(task.hash, name); }
  void log(const std::string& line) const;  // to log.txt, with the time
  // A file of the task that the inputs call `kind`.
  std::string file_of(const char* kind, const std::string& name) const;
  // The float network that all begins with: "train" or "import".
  const char* origin() const;
};

// Opens RUNS/HASH/model.tflite of another task. Throws Error{invalid_input} where it is not the one
// that its record tells of.
Graph open_model(const Workplace& at, const char* kind);

Json run_train(const Workplace& at, Json& timing);
Json run_import(const Workplace& at);
Json run_compress(const Workplace& at);
Json run_measure(const Workplace& at, Json& timing);

}  // namespace mote::study
