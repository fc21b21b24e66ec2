// A study cut into tasks: what is to be done, in an order in which each task follows what it needs.
// Equal tasks of several cells are one. Its hash is the name of a task's folder: of everything that
// decides its result. Tested by plan_test.cc; docs/studies.md describes what it makes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compress/json.h"
#include "study/study_file.h"

namespace mote::study {

using compress::Json;

enum class TaskKind : uint8_t {
  train,         // a zoo network on a data set
  import_model,  // a float model that was trained elsewhere
  compress,      // by a recipe
  measure,       // on a device
};
std::string_view name_of(TaskKind kind);  // "train", "import", "compress", "measure"
TaskKind parse_kind(const std::string& name);

// Everything that a worker is told: it needs no study file. JSON in the task's folder.
struct Task {
  TaskKind kind = TaskKind::train;
  Json cell;  // {"network", "data", "synthetic", "seed", "recipe", "device"}, as far as it has them
  Json inputs;   // what decides the result; of other tasks their hashes
  Json sources;  // where the inputs come from; not hashed: who opens them compares with `inputs`
  std::string hash;                // 16 hexadecimal digits, of kind, cell and changed inputs
  std::vector<std::string> needs;  // hashes of tasks
  double work = 0;                 // seconds on a machine of the stated speed (estimate.h)

  // "compress resnet20_v1, cifar-10, int8"
  std::string title() const;
};

std::string hash_of(const Task& task);
Json json_of(const Task& task);
// Throws Error{invalid_input} for JSON that is not a task's, or whose hash is not its own.
Task task_of(const Json& json);

struct Plan {
  std::vector<Task> tasks;
  std::vector<std::string> cells;  // the hashes of their measure tasks

  const Task& task(const std::string& hash) const;
};

// Opens every data set and model once. Throws Error{invalid_input} naming the line of what cannot
// be opened or does not go together.
Plan make_plan(const StudyFile& study);

}  // namespace mote::study
