#include "compress/train/train.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "compress/train/batches.h"
#include "compress/train/checkpoint.h"
#include "compress/train/trainer.h"
#include "evaluate/classes.h"
#include "evaluate/layout.h"
#include "evaluate/notes.h"
#include "evaluate/preprocess.h"
#include "passes/pipeline.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& hint = {}) {
  throw Error(ErrorKind::usage, message, "training", hint);
}

void check_split(const Graph& graph, const datasets::Split& split, const char* name,
                 const TrainOptions& options) {
  if (split.count() == 0) return;
  if (split.labels.empty() && options.distillation == 1.0f) {
    evaluate::layout_of(graph, 0, split.images);
    return;
  }
  if (static_cast<int32_t>(split.labels.size()) != split.count())
    refuse(fmt::format("the {} images have no labels", name));
  try {
    evaluate::layout_of(graph, 0, split.images);
    evaluate::check_labels(graph, split.labels);
  } catch (const Error& error) {
    throw error.at(fmt::format("{} images", name));
  }
}

// The data with images of the network's own shape; nothing where they have it.
std::optional<datasets::Dataset> arranged(const Graph& graph, const datasets::Dataset& data) {
  const Shape& input = image_shape(graph);
  const auto fits = [&](const datasets::Split& split) {
    const Shape& images = split.images.shape;
    return split.count() == 0 ||
           (images.size() == 4 && std::equal(images.begin() + 1, images.end(), input.begin() + 1));
  };
  if (fits(data.train) && fits(data.validation) && fits(data.test)) return std::nullopt;
  datasets::Dataset result = data;
  for (datasets::Split* split : {&result.train, &result.validation, &result.test})
    if (!fits(*split))
      split->images =
          evaluate::arranged(input, split->images, evaluate::layout_of(graph, 0, split->images));
  return result;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// After `step` steps (from 1) of an epoch (from 1).
void prune(Trainer& trainer, const Guidance& guidance, int32_t epoch, int32_t step) {
  constexpr int32_t kUpdates = 4;   // an epoch
  constexpr double kPruned = 0.75;  // of the updates of all epochs; the rest recovers
  const int32_t interval = std::max(1, trainer.steps_per_epoch() / kUpdates);
  if (!guidance.prune || step % interval != 0) return;
  const int32_t each = trainer.steps_per_epoch() / interval;
  const int32_t update = (epoch - 1) * each + step / interval;
  const double last = std::max(1.0, kPruned * trainer.options().epochs * each);
  if (update - 1 >= last) return;
  trainer.prune([&](Graph& graph, std::span<const float> squares) {
    guidance.prune(graph, squares, std::min(1.0, update / last));
  });
}

// One epoch; gives its mean loss.
double train_epoch(Trainer& trainer, const datasets::Dataset& data, const TrainOptions& options,
                   const Guidance& guidance, int32_t epoch,
                   const std::function<void(int32_t step, double loss)>& progress) {
  const std::vector<Sample> samples = epoch_samples(data.train.images.shape, options, epoch);
  const int32_t steps = trainer.steps_per_epoch();
  double sum = 0;
  trainer.forget_gradients();
  for (int32_t step = 0; step < steps; step++) {
    const int64_t number = static_cast<int64_t>(epoch - 1) * steps + step;
    sum += trainer.step(samples, step, number);
    if (!std::isfinite(sum))
      refuse(fmt::format("the loss is {} in epoch {}", sum, epoch), "lower the learning rate");
    if (guidance.prune) trainer.remember_gradient();
    prune(trainer, guidance, epoch, step + 1);
    progress(step + 1, sum / (step + 1));
  }
  return sum / steps;
}

}  // namespace

TrainResult train(const Graph& graph, const datasets::Dataset& given, const TrainOptions& options,
                  const Checkpoint& checkpoint, const TrainCallback& progress,
                  const Guidance& guidance) {
  check_options(options);
  if (options.distillation > 0 && guidance.teacher == nullptr)
    refuse("distillation without a teacher");
  if (given.train.count() < options.threads) refuse("there are no images to train on");
  check_split(graph, given.train, "training", options);
  check_split(graph, given.validation, "validation", options);
  check_split(graph, given.test, "test", options);
  const std::optional<datasets::Dataset> copy = arranged(graph, given);
  const datasets::Dataset& data = copy ? *copy : given;

  Trainer trainer(graph, data, options, guidance.teacher);
  const std::string fingerprint = checkpoint.path.empty() ? "" : trainer.fingerprint();
  std::vector<EpochRecord> history;
  if (checkpoint.resume)
    if (auto saved = read_checkpoint(checkpoint.path, trainer.state(), fingerprint)) {
      trainer.restore(saved->state, saved->masks);
      history = std::move(saved->history);
    }

  const auto start = std::chrono::steady_clock::now();
  const int32_t steps = trainer.steps_per_epoch();
  const auto first = static_cast<int32_t>(history.size());
  for (int32_t epoch = first + 1; epoch <= options.epochs; epoch++) {
    const auto tell = [&](int32_t step, double loss, std::optional<double> validation, bool over) {
      if (!progress) return;
      const double done = static_cast<double>(epoch - first - 1) * steps + step;
      const double all = static_cast<double>(options.epochs - first) * steps;
      const double seconds = seconds_since(start);
      progress({epoch, options.epochs, step, steps, loss, seconds, seconds * (all - done) / done,
                validation, over});
    };
    const double loss =
        train_epoch(trainer, data, options, guidance, epoch,
                    [&](int32_t step, double mean) { tell(step, mean, std::nullopt, false); });
    history.push_back({epoch, loss, trainer.top1(data.validation)});
    std::optional<double> validation;
    if (data.validation.count() > 0) validation = history.back().validation_top1;
    tell(steps, loss, validation, true);
    if (!checkpoint.path.empty())
      write_checkpoint(checkpoint.path, trainer.graph(), trainer.parameters(),
                       {.state = trainer.state(), .history = history}, fingerprint);
  }
  return {.network = graph.name,
          .graph = trainer.averaged(),
          .top1 = trainer.top1(data.test),
          .seconds = seconds_since(start),
          .options = trainer.options(),
          .history = std::move(history),
          .notes = evaluate::notes_on(graph, given.train, given.classes())};
}

TrainResult train_network(const std::string& network, const datasets::Dataset& data,
                          const TrainOptions& options, const Checkpoint& checkpoint,
                          const TrainCallback& progress,
                          const std::optional<Preprocessing>& preprocessing) {
  const Shape& images = data.train.images.shape;
  if (images.size() < 2)
    throw Error(ErrorKind::usage, "the data has no training images", data.name);
  const zoo::Options chosen{.input = Shape(images.begin() + 1, images.end()),
                            .classes = data.classes(),
                            .seed = options.seed};
  Graph graph = zoo::build(network, chosen);
  if (preprocessing) evaluate::set_preprocessing(graph, *preprocessing);
  TrainResult result = train(graph, data, options, checkpoint, progress);
  result.network = zoo::full_name(network, chosen);
  passes::optimize(result.graph);
  return result;
}

}  // namespace mote::compress
