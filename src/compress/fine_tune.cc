#include "compress/fine_tune.h"

#include <algorithm>
#include <numeric>

#include "autograd/network.h"
#include "base/error.h"
#include "base/random.h"
#include "compress/prune/reconstruct.h"
#include "compress/quantize/annotate.h"
#include "compress/train/batches.h"
#include "compress/train/normalize.h"
#include "datasets/split.h"
#include "evaluate/classes.h"
#include "evaluate/layout.h"
#include "formats/model_file.h"
#include "passes/pipeline.h"

namespace mote::compress {
namespace {

using Prune = std::function<void(Graph& graph, std::span<const float> squares, double done)>;

constexpr int32_t kStatistics = 512;  // images that statistics and fits are of

// So many of the samples, chosen by seed, as the graph's input.
struct Inputs {
  std::vector<float> numbers;
  std::vector<int32_t> labels;  // empty where there are none
  int32_t count = 0;
};

Inputs choose_inputs(const Graph& graph, const datasets::Split& samples, int32_t count,
                     uint64_t seed) {
  std::vector<int32_t> order(static_cast<size_t>(samples.count()));
  std::iota(order.begin(), order.end(), 0);
  Random random(seed, "statistics");
  random.shuffle(std::span(order));
  order.resize(std::min(order.size(), static_cast<size_t>(count)));
  datasets::Split chosen = datasets::select(samples, order);
  chosen.images = evaluate::arranged(image_shape(graph), chosen.images,
                                     evaluate::layout_of(graph, 0, chosen.images));
  Inputs inputs{.numbers = {}, .labels = chosen.labels, .count = chosen.count()};
  fill_inputs(chosen, plain_samples(0, inputs.count), preprocessing_of(graph), inputs.numbers);
  return inputs;
}

TrainOptions options_of(const TrainStep& step, const datasets::Split& samples,
                        const FineTuneOptions& at) {
  TrainOptions options = changed(at.training, step.changes);
  options.seed = at.seed;
  if (samples.labels.empty()) options.distillation = 1.0f;
  return options;
}

// bfloat16 has as many steps as 8 bits: sums of integers would not be what the integers give.
void compute_exactly(TrainOptions& options) {
  if (options.bf16 == Bf16::automatic) options.bf16 = Bf16::off;
}

Graph teacher_of(const TrainStep& step, const Graph& model) {
  if (step.teacher.empty()) return model;
  Graph teacher = formats::read_model(step.teacher);
  passes::optimize(teacher);
  return teacher;
}

Graph train_step(const Graph& graph, const Graph& model, const TrainStep& step,
                 const datasets::Split& samples, const FineTuneOptions& at, const Prune& prune) {
  TrainOptions options = options_of(step, samples, at);
  if (is_annotated(graph)) compute_exactly(options);
  datasets::Dataset data;
  data.name = "samples";
  data.train = samples;
  data.class_names = graph.labels;
  Graph start = graph;
  if (step.batch_norms) {
    const Inputs inputs = choose_inputs(graph, samples, kStatistics, at.seed);
    start = with_batch_norms(graph, inputs.numbers, inputs.count);
  }
  Graph teacher;
  if (options.distillation > 0) teacher = teacher_of(step, model);
  const Guidance guidance{.teacher = options.distillation > 0 ? &teacher : nullptr, .prune = prune};
  Graph result = train(start, data, options, at.checkpoint, at.progress, guidance).graph;
  result = without_masked_channels(result);
  if (is_annotated(graph)) absorb_batch_norms(result);
  passes::optimize(result);
  return result;
}

// The squared gradients of the loss on batches of samples, in the mean: by their labels, or by the
// classes that the network itself gives where they have none.
std::vector<float> gradient_squares(const Graph& graph, const datasets::Split& samples,
                                    uint64_t seed) {
  constexpr int32_t kSamples = 1024, kBatch = 64;
  const Inputs inputs = choose_inputs(graph, samples, kSamples, seed);
  autograd::Network network(graph);
  const size_t each = inputs.numbers.size() / static_cast<size_t>(inputs.count);
  std::vector<float> sum(autograd::parameters_of(graph).trainable), part(sum.size()), outputs;
  for (int32_t begin = 0; begin < inputs.count; begin += kBatch) {
    const int32_t count = std::min(kBatch, inputs.count - begin);
    const std::span<const float> numbers =
        std::span(inputs.numbers)
            .subspan(static_cast<size_t>(begin) * each, static_cast<size_t>(count) * each);
    std::vector<int32_t> labels;
    if (inputs.labels.empty()) {
      network.run(numbers, count, outputs);
      labels = evaluate::classify(graph, to_bytes(std::span<const float>(outputs)), count);
    } else {
      labels.assign(inputs.labels.begin() + begin, inputs.labels.begin() + begin + count);
    }
    network.gradient({numbers, labels}, {.divisor = static_cast<float>(count)}, part);
    for (size_t i = 0; i < sum.size(); i++) sum[i] += part[i] * part[i];
  }
  const auto batches = static_cast<float>((inputs.count + kBatch - 1) / kBatch);
  for (float& square : sum) square /= batches;
  return sum;
}

}  // namespace

Graph fine_tune(const Graph& graph, const Graph& model, const TrainStep& step,
                const datasets::Split& samples, const FineTuneOptions& options) {
  return train_step(graph, model, step, samples, options, nullptr);
}

Graph fine_tune(const Graph& graph, const Graph& model, const PruneStep& step,
                const datasets::Split& samples, const FineTuneOptions& options) {
  // The goal is of the graph that the step began with, whatever has been masked since.
  const auto prune = [&](Graph& current, std::span<const float> squares, double done) {
    const double growth = grown(step.growth, done);
    if (step.options.what != Pruned::channels)
      return prune_weights(current, step.options, growth * step.value, squares);
    const ChannelGoal goal = goal_in(options.scheme, step.target, step.value);
    prune_channels(current, step.options, goal, growth, squares);
  };
  if (step.training) return train_step(graph, model, *step.training, samples, options, prune);
  Graph result = graph;
  if (step.options.criterion == Criterion::reconstruction) {
    const Inputs inputs = choose_inputs(graph, samples, kStatistics, options.seed);
    reconstruct_channels(result, goal_in(options.scheme, step.target, step.value), inputs.numbers,
                         inputs.count);
  } else {
    std::vector<float> squares;
    if (step.options.criterion == Criterion::taylor)
      squares = gradient_squares(graph, samples, options.seed);
    prune(result, squares, 1);
  }
  result = without_masked_channels(result);
  passes::optimize(result);
  return result;
}

}  // namespace mote::compress
