// What the elements of a job array do: RUNS/slurm/ID.json, a list of tasks, one per element. A node
// plans nothing anew. Tested by slurm_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/task.h"

namespace mote::study {

struct Manifest {
  std::string id;                  // of the folder and the tasks: the same ones have the same
  std::vector<std::string> tasks;  // their hashes, by the element's number

  // Throws Error{invalid_input} where there is no such element.
  const std::string& task(int32_t element) const;
  // "RUNS/slurm/ID.json", ".sh", "-3.log"
  std::string file(const Store& store, const std::string& ending) const;
  // Of the job array: "mote-ID".
  std::string job_name() const;
};

// Writes it, and RUNS/HASH/task.json of each task, unless somebody is at that; a failure that was
// recorded before is forgotten.
Manifest write_manifest(const Store& store, const std::vector<const Task*>& tasks);
// Throws Error{invalid_input} where it is none.
Manifest read_manifest(const std::string& path);
// The manifest of a job array by its name; nothing where it is not of this folder.
std::optional<Manifest> find_manifest(const Store& store, const std::string& job_name);

// Does the task of an element. One that is being done elsewhere is waited for; one that lacks
// another's result is recorded as failed.
Outcome run_element(const Store& store, const Manifest& manifest, int32_t element,
                    const TaskOptions& options = {}, const TaskCallback& progress = {});

}  // namespace mote::study
