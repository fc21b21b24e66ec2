// How long tasks take: a rough model beforehand, scaled by what similar tasks really took once
// there are some. Estimates, labelled so wherever they are shown. Tested by estimate_test.cc.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "study/plan.h"
#include "study/store.h"

namespace mote::study {

// What a task's time depends on.
struct Work {
  int64_t macs = 0;          // of one inference
  int64_t train_images = 0;  // of an epoch
  int64_t test_images = 0;
  int32_t epochs = 0;
  int32_t samples = 0;  // in the emulator
};

// Multiply-accumulates a second, all threads together, that estimates begin from.
constexpr double kTrainingMacs = 60e9;  // with gradients: an image costs three inferences
constexpr double kInferenceMacs = 20e9;
constexpr double kEmulatedMacs = 20e6;

// Seconds at these speeds.
double work_of(TaskKind kind, const Work& work);

class Estimator {
 public:
  // Reads the times of the plan's finished tasks.
  Estimator(const Plan& plan, const Store& store);

  double seconds(const Task& task) const;
  // One more task has finished, in this time (timing.json).
  void learn(const Task& task, const Json& timing);

 private:
  struct Sums {
    double work = 0, seconds = 0;
  };
  std::array<Sums, 4> of_kind_{};
};

}  // namespace mote::study
