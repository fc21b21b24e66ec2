#include "compress/search/techniques.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "compress/compress.h"
#include "compress/equalize/equalize.h"
#include "datasets/split.h"
#include "evaluate/samples.h"
#include "ir/node.h"
#include "ops/verify.h"
#include "tests/support/layered_graph.h"

namespace mote::compress {
namespace {

TEST(Techniques, AllCombinationsTheSimplestFirst) {
  const std::vector<Technique> all = techniques();
  ASSERT_EQ(all.size(), 48u);
  EXPECT_EQ(all.front(), Technique{});
  EXPECT_TRUE(all.back().equalize && all.back().bias_correction);
  EXPECT_EQ(all.back().rounding, Rounding::gptq);
  for (size_t i = 0; i < all.size(); i++) EXPECT_EQ(std::ranges::count(all, all[i]), 1) << i;
}

TEST(Techniques, AgreementGoesBeforeKlAndKlBeforeError) {
  const evaluate::Divergence a{.agreement = 0.9}, b{.kl = 1, .agreement = 0.95};
  EXPECT_TRUE(better(b, a));
  EXPECT_FALSE(better(a, b));
  EXPECT_TRUE(better({.kl = 1, .squared_error = 2}, {.kl = 2, .squared_error = 1}));
  EXPECT_TRUE(better({.kl = 1, .squared_error = 1}, {.kl = 1, .squared_error = 2}));
  EXPECT_FALSE(better({.kl = 1}, {.kl = 1}));
}

datasets::Split first(const datasets::Split& samples, int32_t begin, int32_t end) {
  std::vector<int32_t> indices;
  for (int32_t i = begin; i < end; i++) indices.push_back(i);
  return datasets::select(samples, indices);
}

// Every technique made by hand, and the best of them by the rule: nothing was taken for another.
TEST(Techniques, TheBestIsThatOfAllMadeOneByOne) {
  const Graph graph = testing::layered_graph();
  const datasets::Split own = testing::layered_samples(16, 3),
                        others = testing::layered_samples(32, 4);
  const std::vector<Bytes> inputs = evaluate::encode(graph, own, 0, 16);
  const evaluate::Reference judge(graph, others, 2);
  ChosenTechnique found;
  const Graph result =
      quantize_with_best_technique(graph, {}, {.weight_bits = 3}, {inputs, 16}, judge, found);
  verify(result, Level::quantized);
  ASSERT_EQ(found.tried.size(), 48u);
  std::vector<Graph> graphs;
  for (const TechniqueTrial& trial : found.tried) {
    Graph made = graph;
    const Technique& t = trial.technique;
    if (t.equalize) equalize(made, EqualizeBy::weights, {inputs, 16});
    calibrate(made, inputs, 16, {.observer = t.observer});
    graphs.push_back(quantize(made,
                              {.weight_bits = 3,
                               .scales = t.scales,
                               .rounding = t.rounding,
                               .bias_correction = t.bias_correction},
                              {inputs, 16}));
    EXPECT_EQ(judge.of(graphs.back()).kl, trial.divergence.kl);
  }
  EXPECT_EQ(result, graphs.at(found.best));
  for (size_t i = 0; i < graphs.size(); i++) {
    const auto rank = [&](size_t at) {
      const evaluate::Divergence& d = found.tried[at].divergence;
      return std::tuple(-d.agreement, d.kl, d.squared_error, at);
    };
    EXPECT_LE(rank(found.best), rank(i));
  }
  EXPECT_EQ(found.calibration_samples, 16);
  EXPECT_EQ(found.judging_samples, 32);
}

// x [1, 4] -> dense "d" [1, 2] of weights of 2 bits: 1 and 0.45 each, which inputs of 0 to 1
// multiply. Rounded to the nearest 0.45 becomes 0, and what is lost in the mean decides between two
// scores that lie close together.
TEST(Techniques, BiasCorrectionWinsWhereTheMeanDecides) {
  Graph graph;
  graph.name = "means";
  const ValueId x = add_value(graph, "x", {DType::float32, {1, 8}, {}});
  graph.inputs = {x};
  std::vector<float> weights(16, 0.45f);
  weights[0] = 1;
  for (size_t k = 9; k < 16; k++) weights[k] = 0;
  weights[8] = 1;
  const ValueId w = add_constant(graph, "w", Shape{2, 8}, weights);
  const ValueId b = add_constant(graph, "b", Shape{2}, std::vector<float>{0, 1.575f});
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {x, w, b}, "d")};
  const auto samples = [](uint64_t seed) {
    Random random(seed, "means");
    datasets::Split split;
    split.images = {DType::float32,
                    {200, 8},
                    to_bytes(std::span<const float>(testing::uniform_floats(random, 1600, 0, 1)))};
    return split;
  };
  const datasets::Split own = samples(1), others = samples(2);
  const std::vector<Bytes> inputs = evaluate::encode(graph, own, 0, 200);
  const evaluate::Reference judge(graph, others, 2);
  ChosenTechnique found;
  quantize_with_best_technique(graph, {}, {.weight_bits = 2}, {inputs, 200}, judge, found);
  EXPECT_TRUE(found.tried[found.best].technique.bias_correction);
  EXPECT_EQ(found.tried[0].technique, Technique{});
  EXPECT_LT(found.tried[0].divergence.agreement,
            found.tried[found.best].divergence.agreement - 0.1);
}

Recipe choosing(int32_t samples, int32_t judges) {
  return {"x", "", {ChooseStep{{.weight_bits = 3}, samples, judges}}};
}

TEST(Techniques, JudgesAreOtherSamplesAndTheSeedSaysWhich) {
  ChosenTechnique found;
  CompressOptions options{.seed = 7};
  options.found_technique = [&](const ChosenTechnique& f) { found = f; };
  const datasets::Split samples = testing::layered_samples(40, 3);
  const Graph result = compress(testing::layered_graph(), choosing(16, 20), samples, options);
  EXPECT_EQ(found.calibration_samples, 16);
  EXPECT_EQ(found.judging_samples, 20);
  const Json json = json_of(found);
  EXPECT_EQ(json.at("tried").size(), 48u);
  EXPECT_EQ(compress(testing::layered_graph(), choosing(16, 20), samples, options), result);
  EXPECT_EQ(json_of(found), json);
  options.seed = 8;
  compress(testing::layered_graph(), choosing(16, 20), samples, options);
  EXPECT_NE(json_of(found), json);
  // Too few: half of them judge.
  compress(testing::layered_graph(), choosing(256, 256), first(samples, 0, 10), options);
  EXPECT_EQ(found.calibration_samples, 5);
  EXPECT_EQ(found.judging_samples, 5);
  EXPECT_THROW(compress(testing::layered_graph(), choosing(1, 1), first(samples, 0, 1)), Error);
}

// Samples of which one alone is large: it widens every range where it calibrates. As a judge it
// changes none, so that the networks made are those of the other samples alone.
TEST(Techniques, JudgesDoNotCalibrate) {
  const datasets::Split samples = testing::layered_samples(2, 3);
  datasets::Split loud = samples;
  auto* numbers = reinterpret_cast<float*>(loud.images.data.data());
  size_t quiet = 0;  // the bytes of a scale, by which of both samples is the loud one
  for (int32_t which = 0; which < 2; which++) {
    loud = samples;
    numbers = reinterpret_cast<float*>(loud.images.data.data());
    for (int32_t i = 0; i < 72; i++) numbers[which * 72 + i] *= 1000;
    const Graph graph = compress(testing::layered_graph(), choosing(1, 1), loud, {.seed = 1});
    if (graph.value(graph.inputs[0]).type.quantization->scale[0] < 0.1f) quiet++;
  }
  EXPECT_EQ(quiet, 1u);
}

TEST(Techniques, RecipesAndTheCommandLineChoose) {
  const Recipe recipe = with_choice(load_recipe("int4"));
  ASSERT_EQ(recipe.steps.size(), 1u);
  const auto& step = std::get<ChooseStep>(recipe.steps[0]);
  EXPECT_EQ(step.quantize, (QuantizeOptions{.weight_bits = 4, .first_bits = 8, .last_bits = 8}));
  EXPECT_TRUE(recipe.needs_data());
  EXPECT_EQ(recipe.scheme(), Scheme::int8);
  EXPECT_EQ(with_choice(load_recipe("prune_int8")).steps.size(),
            load_recipe("prune_int8").steps.size() - 1);
  for (const char* name : {"mixed", "float16", "dynamic_range", "float32"})
    EXPECT_THROW(with_choice(load_recipe(name)), Error) << name;
}

}  // namespace
}  // namespace mote::compress
