#include "study/estimate.h"

namespace mote::study {

double work_of(TaskKind kind, const Work& work) {
  constexpr double kStart = 0.5;  // of a process: libraries, data
  const auto macs = static_cast<double>(work.macs);
  const double test = macs * static_cast<double>(work.test_images) / kInferenceMacs;
  const double training =
      3 * macs * static_cast<double>(work.train_images) * work.epochs / kTrainingMacs;
  switch (kind) {
    case TaskKind::train:
      return kStart + test + training;
    case TaskKind::import_model:
      return kStart + test;
    case TaskKind::compress: {
      constexpr double kCalibrationImages = 256;
      return kStart + macs * kCalibrationImages / kInferenceMacs + training;
    }
    case TaskKind::measure: {
      constexpr double kCompiler = 2;
      return kStart + test + kCompiler + macs * work.samples / kEmulatedMacs;
    }
  }
  return 0;
}

Estimator::Estimator(const Plan& plan, const Store& store) {
  for (const Task& task : plan.tasks)
    if (store.status(task.hash) == Status::done)
      if (const auto timing = store.timing(task.hash)) learn(task, *timing);
}

double Estimator::seconds(const Task& task) const {
  const Sums& sums = of_kind_[static_cast<size_t>(task.kind)];
  return sums.work > 0 ? task.work * sums.seconds / sums.work : task.work;
}

void Estimator::learn(const Task& task, const Json& timing) {
  double seconds = timing.value("seconds", 0.0);
  if (task.kind == TaskKind::train) {
    // One that began elsewhere was timed for the epochs that were done here.
    const int32_t epochs = timing.value("epochs", 0);
    seconds *= epochs > 0 ? task.inputs.at("training").at("epochs").get<double>() / epochs : 0;
  }
  Sums& sums = of_kind_[static_cast<size_t>(task.kind)];
  if (!(seconds > 0)) return;
  sums.work += task.work;
  sums.seconds += seconds;
}

}  // namespace mote::study
