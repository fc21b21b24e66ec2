// Slurm's commands, as far as a study needs them. Tested by slurm_test.cc, against stand-ins that
// answer as Slurm does, and by tests/end_to_end/slurm_test.cc against the real ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mote::study {

// An element of a job array that is waiting or running.
struct QueuedElement {
  std::string job;     // the array's number
  int32_t index = 0;   // in the array
  std::string name;    // the array's
  std::string state;   // PENDING, RUNNING, ...
  std::string reason;  // why it is PENDING: Resources, Priority, ...; or None
};

// Each throws Error{unsupported} where there is no such command, and Error{usage} with what it says
// and what to do where it fails.

// sbatch: the number of the new job. `arguments` end with the script.
std::string submit_job(const std::vector<std::string>& arguments);
// squeue: all elements of the user's arrays.
std::vector<QueuedElement> queued_elements();
// scontrol: elements that an array may have.
int32_t max_array_size();
// scontrol: "TIMEOUT", "OUT_OF_MEMORY", ...; empty where Slurm has forgotten the job.
std::string state_of(const std::string& job, int32_t index);

// What to do about a command's message; empty where we do not know.
std::string remedy_for(const std::string& message);

}  // namespace mote::study
