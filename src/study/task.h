// One task done: claimed, computed in its folder, recorded. This is all that a worker does, on this
// machine or on another that shares the folder. Tested by local_test.cc.
#pragma once

#include <functional>
#include <string>

#include "study/store.h"

namespace mote::study {

struct TaskProgress {
  double fraction = 0;  // of the task
  std::string note;     // "epoch 3 of 56, loss 0.512"
};
using TaskCallback = std::function<void(const TaskProgress&)>;

struct TaskOptions {
  int32_t threads = 1;  // of what does not shape the result; training has its own
};

enum class Outcome : uint8_t {
  done,    // now or before
  failed,  // and recorded
  busy,    // somebody else is at it
};

// Reads RUNS/HASH/task.json and does it. Where it fails, the record says why; only what keeps the
// record from being written is thrown.
Outcome run_task(const Store& store, const std::string& hash, const TaskOptions& options = {},
                 const TaskCallback& progress = {});

}  // namespace mote::study
