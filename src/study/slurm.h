// A plan carried out by Slurm: one job array per kind of task (several where a cluster limits
// them), each waiting for those whose results it needs. Slurm queues, limits and requeues; what is
// left to us is to submit, to watch, and to record what became of tasks that could not say it
// themselves. Tested by slurm_test.cc and tests/end_to_end/slurm_test.cc.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "study/executor.h"

namespace mote::study {

struct SlurmOptions {
  std::string partition, time, memory;  // as sbatch takes them; empty: the cluster's defaults
  int32_t cpus = 0;                     // per task; 0: its training's threads, or `threads`
  int32_t threads = 1;                  // of what does not shape the result
  int32_t at_once = 0;                  // elements of an array; 0: as many as Slurm runs
  std::vector<std::string> sbatch;      // more options of sbatch
  std::string program;                  // mote, by a path that the nodes know too
};

// Where Slurm has a task.
struct SlurmPlace {
  std::string job;
  int32_t index = 0;
  std::string log;  // what the element has said
};

struct Submission {
  std::vector<std::string> jobs;             // the arrays that were submitted now
  size_t tasks = 0;                          // that these do
  std::map<std::string, SlurmPlace> places;  // also of those that Slurm had already
};

// Submits what is neither done nor with Slurm already. The store's root must be absolute, and
// shared with the nodes. Throws what Slurm's commands say, with a remedy (slurm_commands.h).
Submission submit_study(const Plan& plan, const Store& store, const SlurmOptions& options);

struct WatchOptions {
  std::chrono::seconds shortest{1}, longest{20};  // between two looks; rarer, the longer it takes
  std::chrono::seconds record_delay{60};  // until a record is seen here, through a network's files
};

// Watches until Slurm has none of the tasks any more. A task whose job ended without a record (a
// limit of time or memory, a crash) is recorded as failed, with what Slurm says of it. SIGINT and
// SIGTERM end the watching, not the jobs.
StudyResult await_study(const Plan& plan, const Store& store, const Submission& submission,
                        const WatchOptions& options = {}, const StandingCallback& progress = {});

}  // namespace mote::study
