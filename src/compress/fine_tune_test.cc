#include "compress/fine_tune.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "compress/compress.h"
#include "datasets/split.h"
#include "evaluate/engine.h"
#include "evaluate/evaluate.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ops/verify.h"
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
TEST(FineTune, ResumesToTheSameBytes) {
  const Recipe recipe = pruning(Pruned::weights, 0.9);
  const datasets::Split samples = first(glyphs().train, 600);
  CompressOptions options{.seed = 3, .training = {.epochs = 4, .crop = 1}};
  std::vector<std::pair<int32_t, int32_t>> at;  // step of the recipe, and of training
  options.progress = [&](const CompressProgress& p) { at.emplace_back(p.step, p.training.step); };
  const Graph whole = compress(trained(), recipe, samples, options);
  ASSERT_GT(at.size(), 8u);

  options.checkpoint = {temp_path("fine_tune.checkpoint.mote"), true};
  remove_checkpoint(options.checkpoint);
  struct Killed {};
  for (const size_t moment : {size_t{2}, at.size() / 2 - 1, at.size() / 2 + 1, at.size() - 1}) {
    options.progress = [&](const CompressProgress& p) {
      if (std::pair(p.step, p.training.step) == at[moment]) throw Killed();
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

}  // namespace
}  // namespace mote::compress
