#include "compress/fine_tune.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <tuple>

#include "base/error.h"
#include "compress/compress.h"
#include "compress/quantize/annotate.h"
#include "datasets/split.h"
#include "evaluate/engine.h"
#include "evaluate/evaluate.h"
#include "evaluate/samples.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ops/op_def.h"
#include "ops/verify.h"
#include "passes/pipeline.h"
#include "tests/support/glyphs.h"
#include "tests/support/temp_path.h"
#include "zoo/zoo.h"

namespace mote::compress {
namespace {

datasets::Split first(const datasets::Split& split, int32_t count) {
  std::vector<int32_t> indices;
  for (int32_t i = 0; i < count; i++) indices.push_back(i);
  return datasets::select(split, indices);
}

const Graph& trained() {
  static const Graph graph =
      train_network("zoo:custom?width=0.5", glyphs(), {.epochs = 2, .threads = 2}).graph;
  return graph;
}

double top1_of(const Graph& graph) {
  const auto engine = evaluate::make_engine(evaluate::kDefaultEngine, graph);
  return evaluate::evaluate(*engine, graph, first(glyphs().test, 500)).metrics.top1;
}

Recipe pruning(const Pruned what, double sparsity) {
  const TrainStep brief{.changes = {{"epochs", 3}, {"learning_rate", 0.05}}};
  PruneStep prune;
  prune.options.what = what;
  prune.value = sparsity;
  prune.training = brief;
  return {.name = "pruning", .description = {}, .steps = {prune, brief}};
}

TEST(FineTune, PrunesWhileItTrainsAndKeepsZerosInInt8) {
  Recipe recipe = pruning(Pruned::weights, 0.7);
  recipe.steps.emplace_back(std::in_place_type<CalibrateStep>);
  recipe.steps.emplace_back(std::in_place_type<QuantizeStep>);
  const Graph graph = compress(trained(), recipe, first(glyphs().train, 2000));
  verify(graph, Level::quantized);
  int64_t weights = 0, zeros = 0;
  for (const Node& node : graph.nodes) {
    if (node.inputs.size() < 2 || !graph.value(node.inputs[1]).mask) continue;
    const auto data = data_as<int8_t>(graph.value(node.inputs[1]));
    weights += std::ssize(data);
    zeros += std::ranges::count(data, 0);
  }
  EXPECT_GE(zeros, weights * 7 / 10);
  EXPECT_GT(top1_of(graph), top1_of(trained()) - 0.03);
}

TEST(FineTune, WithoutLabelsItLearnsFromItself) {
  datasets::Split unlabelled = first(glyphs().train, 2000);
  unlabelled.labels.clear();
  const Graph graph = compress(trained(), pruning(Pruned::weights, 0.7), unlabelled);
  EXPECT_GT(top1_of(graph), top1_of(trained()) - 0.03);
  PruneStep taylor_step;
  taylor_step.options.criterion = Criterion::taylor;
  taylor_step.value = 0.2;
  const Recipe taylor{.name = "taylor", .description = {}, .steps = {taylor_step}};
  EXPECT_GT(top1_of(compress(trained(), taylor, unlabelled)), 0.5);
}

TEST(FineTune, RefusesANetworkThatTakesNoImages) {
  const Graph graph = parse(R"(graph g
input x: float32[1, 2]
  a: float32[2, 2] = [1, -2, 3, 4]
y: float32[1, 2] = FullyConnected(x, a, _)
output y
)",
                            {});
  const datasets::Split samples{{DType::uint8, {2, 2}, Bytes(4, 1)}, {0, 1}};
  PruneStep step;
  step.options.criterion = Criterion::taylor;
  try {
    fine_tune(graph, graph, step, samples, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.message.find("not images"), std::string::npos) << error.what();
  }
}

TEST(FineTune, ATeacherIsAFile) {
  Recipe recipe = pruning(Pruned::blocks, 0.5);
  std::get<TrainStep>(recipe.steps[1]).teacher = "no such file.tflite";
  std::get<TrainStep>(recipe.steps[1]).changes["distillation"] = 0.5;
  EXPECT_THROW(compress(trained(), recipe, first(glyphs().train, 300)), Error);
}

// To its sparsity; for accuracy the data is too little.
TEST(FineTune, EveryShippedRecipeWorks) {
  const double before = static_cast<double>(sparsity_of(trained()).weights);
  for (const Recipe& recipe : built_in_recipes()) {
    if (!recipe.prunes()) continue;
    SCOPED_TRACE(recipe.name);
    const Graph graph = compress(trained(), recipe, first(glyphs().train, 600),
                                 {.seed = 1, .training = {.epochs = 4, .learning_rate = 0.1f}});
    verify(graph, recipe.scheme() == Scheme::int8 ? Level::quantized : Level::optimized);
    const Sparsity after = sparsity_of(graph);
    const double left = static_cast<double>(after.weights - after.zeros) / before;
    EXPECT_LT(left, recipe.name.starts_with("channels") ? 0.7 : 0.3);
  }
}

// Whenever it is killed, in whichever step: the same bytes.
void expect_resumable(const Recipe& recipe) {
  const datasets::Split samples = first(glyphs().train, 600);
  CompressOptions options{.seed = 3, .training = {.epochs = 4, .crop = 1}};
  // Step of the recipe, epoch, and step of training.
  std::vector<std::tuple<int32_t, int32_t, int32_t>> at;
  options.progress = [&](const CompressProgress& p) {
    at.emplace_back(p.step, p.training.epoch, p.training.step);
  };
  const Graph whole = compress(trained(), recipe, samples, options);
  ASSERT_GT(at.size(), 8u);

  options.checkpoint = {temp_path("fine_tune.checkpoint.mote"), true};
  remove_checkpoint(options.checkpoint);
  struct Killed {};
  for (const size_t moment : {size_t{2}, at.size() / 2 - 1, at.size() / 2 + 1, at.size() - 1}) {
    options.progress = [&](const CompressProgress& p) {
      if (std::tuple(p.step, p.training.epoch, p.training.step) == at[moment]) throw Killed();
    };
    EXPECT_THROW(compress(trained(), recipe, samples, options), Killed) << moment;
  }
  options.progress = nullptr;
  EXPECT_EQ(compress(trained(), recipe, samples, options), whole);
  EXPECT_TRUE(std::filesystem::exists(checkpoint_files(options.checkpoint)[1]));
  options.seed = 4;
  EXPECT_THROW(compress(trained(), recipe, samples, options), Error);
  remove_checkpoint(options.checkpoint);
  EXPECT_NE(compress(trained(), recipe, samples, options), whole);
  remove_checkpoint(options.checkpoint);
}

TEST(FineTune, ResumesToTheSameBytes) {
  expect_resumable(pruning(Pruned::weights, 0.9));
}

// Weights of 2 bits everywhere: by training through fake quantization, and by rounding alone.
Recipe integer_training(int32_t bits) {
  QuantizeStep quantize;
  quantize.weight_bits = bits;
  quantize.scales = WeightScale::mse;
  const TrainStep training{.changes = {{"epochs", 3}, {"learning_rate", 0.05}}};
  return {.name = "qat", .description = {}, .steps = {CalibrateStep(), training, quantize}};
}

TEST(TrainingOfIntegers, OutdoesRoundingAndAnswersAsTrained) {
  const datasets::Split samples = first(glyphs().train, 2000);
  Recipe rounding = integer_training(2);
  rounding.steps.erase(rounding.steps.begin() + 1);
  const double rounded = top1_of(compress(trained(), rounding, samples));
  Agreement agreement;
  CompressOptions options;
  options.agreement = [&](const Agreement& a) { agreement = a; };
  const Graph graph = compress(trained(), integer_training(2), samples, options);
  verify(graph, Level::quantized);
  const double top1 = top1_of(graph);
  EXPECT_GT(top1, rounded + 0.1);
  EXPECT_GT(top1, top1_of(trained()) - 0.08);
  EXPECT_EQ(agreement.samples, 2000);
  EXPECT_GE(agreement.same, 1990);  // of a network that is unsure of one in twelve
  int64_t layers = 0;
  for (const Node& node : graph.nodes) {
    if (node.inputs.size() < 2 || node.inputs[1] == kNoValue) continue;
    const Value& weights = graph.value(node.inputs[1]);
    if (!weights.constant() || weights.type.dtype != DType::int8) continue;
    layers++;
    for (const int8_t weight : data_as<int8_t>(weights)) ASSERT_LE(std::abs(weight), 1);
  }
  EXPECT_GT(layers, 3);
}

TEST(TrainingOfIntegers, ResumesToTheSameBytes) {
  expect_resumable(integer_training(2));
}

TEST(TrainingOfIntegers, LearnsFromItselfWithoutLabels) {
  datasets::Split unlabelled = first(glyphs().train, 2000);
  unlabelled.labels.clear();
  const Graph graph = compress(trained(), integer_training(3), unlabelled);
  EXPECT_GT(top1_of(graph), top1_of(trained()) - 0.05);
}

// Step by step: what fake quantization rounds weights to are the integers, and scales that
// operators tie together stay so.
TEST(TrainingOfIntegers, TheIntegersAreThoseOfFakeQuantization) {
  const datasets::Split samples = first(glyphs().train, 1000);
  const Recipe recipe = integer_training(4);
  Graph graph = trained();
  passes::optimize(graph);
  const Graph model = graph;
  calibrate(graph, evaluate::encode(graph, samples, 0, 64), 64);
  const Graph calibrated = graph;
  graph = with_annotated_weights(graph, *recipe.quantize_step());
  const Graph rounded = quantize(graph, *recipe.quantize_step());
  graph = fine_tune(graph, model, std::get<TrainStep>(recipe.steps[1]), samples,
                    {.training = {.threads = 2}});
  verify(graph, Level::optimized);
  const Graph integers = quantize(graph, *recipe.quantize_step());
  ASSERT_EQ(integers.nodes.size(), graph.nodes.size());
  EXPECT_NE(integers, rounded);
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    const Node &real = graph.nodes[n], &integer = integers.nodes[n];
    for (size_t i = 0; i < real.outputs.size(); i++)
      EXPECT_EQ(integers.value(integer.outputs[i]).type.quantization,
                graph.value(real.outputs[i]).type.quantization);
    const QuantizationRule rule = op_def(real.op).quantization(real.op, Scheme::int8);
    if (rule.output(0).kind == OutputRule::Kind::same_as) {
      EXPECT_EQ(graph.value(real.outputs[0]).type.quantization,
                graph.value(real.inputs[0]).type.quantization)
          << real.origin;
    }
    if (real.inputs.size() < 2 || rule.inputs.size() < 2 || rule.inputs[1].role != Role::weight)
      continue;
    const Value &weights = graph.value(real.inputs[1]), &stored = integers.value(integer.inputs[1]);
    const Quantization& q = *weights.type.quantization;
    EXPECT_EQ(stored.type.quantization, q);
    const auto reals = float_data(weights);
    const auto steps = data_as<int8_t>(stored);
    for_each_channel(weights.type.shape, q.axis, [&](size_t k, size_t channel) {
      const double v = static_cast<double>(reals[k]) / q.scale[channel];
      EXPECT_LE(std::abs(steps[k] - std::min(7.0, std::max(-7.0, v))), 0.5 + 1e-5) << k;
    });
  }
  // The range of pixels is what it was, others have been learned.
  EXPECT_EQ(graph.value(graph.inputs[0]).type.quantization,
            calibrated.value(calibrated.inputs[0]).type.quantization);
  EXPECT_NE(graph.value(graph.nodes[0].outputs[0]).type.quantization,
            calibrated.value(calibrated.nodes[0].outputs[0]).type.quantization);
}

TEST(TrainingOfIntegers, EveryShippedRecipeWorks) {
  int32_t count = 0;
  for (const Recipe& recipe : built_in_recipes()) {
    if (!recipe.trains_integers()) continue;
    SCOPED_TRACE(recipe.name);
    count++;
    CompressOptions options{.seed = 1, .training = {.epochs = 10, .learning_rate = 0.1f}};
    options.agreement = [](const Agreement& a) { EXPECT_GE(100 * a.same, 99 * a.samples); };
    const Graph graph = compress(trained(), recipe, first(glyphs().train, 600), options);
    verify(graph, Level::quantized);
    // Where channels go as well, the data is too little.
    const double worse = recipe.prunes() ? 1.0 : 0.1;
    EXPECT_GT(top1_of(graph), top1_of(trained()) - worse);
  }
  EXPECT_EQ(count, 4);
}

// With a price on bits most weights become 0, and a single scale needs no batch norms.
TEST(TrainingOfIntegers, ARateLeavesFewWeights) {
  const auto zeros_at = [&](double rate) {
    Recipe recipe = integer_training(3);
    auto& training = std::get<TrainStep>(recipe.steps[1]);
    training.batch_norms = false;
    training.changes.update(
        {{"optimizer", "adamw"}, {"learning_rate", 0.005}, {"epochs", 6}, {"rate", rate}});
    std::get<QuantizeStep>(recipe.steps[2]).granularity = Granularity::per_tensor;
    const Graph graph = compress(trained(), recipe, first(glyphs().train, 2000));
    EXPECT_GT(top1_of(graph), top1_of(trained()) - 0.1) << rate;
    int64_t weights = 0, zeros = 0;
    for (const Node& node : graph.nodes) {
      if (node.inputs.size() < 2 || node.inputs[1] == kNoValue) continue;
      const Value& value = graph.value(node.inputs[1]);
      if (!value.constant() || value.type.dtype != DType::int8) continue;
      EXPECT_EQ(value.type.quantization->scale.size(), 1u);
      weights += std::ssize(data_as<int8_t>(value));
      zeros += std::ranges::count(data_as<int8_t>(value), 0);
    }
    return static_cast<double>(zeros) / static_cast<double>(weights);
  };
  EXPECT_GT(zeros_at(1e-3), zeros_at(0) + 0.2);
}

// A pruned weight is no integer but 0, whatever its scale becomes.
TEST(TrainingOfIntegers, KeepsMasks) {
  Recipe recipe = integer_training(4);
  PruneStep prune;
  prune.value = 0.6;
  recipe.steps.insert(recipe.steps.begin(), prune);
  const Graph graph = compress(trained(), recipe, first(glyphs().train, 2000));
  int64_t weights = 0, kept = 0;
  for (const Node& node : graph.nodes) {
    if (node.inputs.size() < 2 || !graph.value(node.inputs[1]).mask) continue;
    const auto data = data_as<int8_t>(graph.value(node.inputs[1]));
    const Bytes& mask = *graph.value(node.inputs[1]).mask;
    weights += std::ssize(data);
    for (size_t i = 0; i < mask.size(); i++) {
      kept += mask[i];
      EXPECT_TRUE(mask[i] == 1 || data[i] == 0);
    }
  }
  EXPECT_LE(kept, weights * 41 / 100);
  EXPECT_GT(top1_of(graph), top1_of(trained()) - 0.1);
}

}  // namespace
}  // namespace mote::compress
