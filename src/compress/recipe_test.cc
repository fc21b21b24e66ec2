#include "compress/recipe.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "compress/json.h"
#include "tests/support/temp_path.h"

namespace mote::compress {
namespace {

std::string write_recipe(const std::string& text) {
  const std::string path = temp_path("recipe_test.toml");
  write_file(path, text);
  return path;
}

std::string error_of(const std::string& text) {
  try {
    load_recipe(write_recipe(text));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::invalid_input);
    return error.what();
  }
  return "";
}

TEST(Recipe, BuiltInOnesLoad) {
  EXPECT_EQ(load_recipe("float32").scheme(), Scheme::float32);
  EXPECT_EQ(load_recipe("int8").scheme(), Scheme::int8);
  EXPECT_EQ(std::get<CalibrateStep>(load_recipe("int8").steps.at(0)).samples, 256);
  for (const Recipe& recipe : built_in_recipes()) EXPECT_FALSE(recipe.description.empty());
}

TEST(Recipe, EverySchemeHasOneOfItsName) {
  for (const SchemeInfo& info : schemes()) {
    const Recipe recipe = load_recipe(std::string(info.name));
    EXPECT_EQ(recipe.scheme(), info.scheme) << info.name;
    EXPECT_EQ(recipe.name, info.name);
  }
}

TEST(Recipe, AStepSetsTheBits) {
  const Recipe recipe = load_recipe(
      write_recipe("name = \"x\"\n[[step]]\ndo = \"calibrate\"\n[[step]]\ndo = \"quantize\"\n"
                   "scheme = \"int16x8\"\nweight_bits = 5\nbias_bits = 32\n"));
  EXPECT_EQ(recipe.scheme(), Scheme::int16x8);
  EXPECT_EQ(std::get<QuantizeStep>(recipe.steps.at(1)), (QuantizeStep{Scheme::int16x8, 5, 32}));
}

TEST(Recipe, StepsThatPruneAndTrain) {
  const Recipe recipe = load_recipe(write_recipe(R"(name = "x"
[[step]]
do = "prune"
sparsity = 0.9
criterion = "taylor"
scope = "layer"
epochs = "20 %"
growth = "linear"
[[step]]
do = "prune"
what = "n_of_m"
n = 1
[[step]]
do = "train"
epochs = 3
distillation = 0.5
teacher = "big.tflite"
batch_norms = false
)"));
  ASSERT_EQ(recipe.steps.size(), 3u);
  EXPECT_EQ(recipe.scheme(), Scheme::float32);
  EXPECT_TRUE(recipe.trains());
  EXPECT_TRUE(recipe.needs_data());
  const auto& grows = std::get<PruneStep>(recipe.steps[0]);
  EXPECT_EQ(grows.target, Target::sparsity);
  EXPECT_EQ(grows.value, 0.9);
  EXPECT_EQ(grows.options.criterion, Criterion::taylor);
  EXPECT_EQ(grows.options.scope, Scope::layer);
  EXPECT_EQ(grows.growth, Growth::linear);
  ASSERT_TRUE(grows.training);
  EXPECT_EQ(grows.training->changes, (Json{{"epochs", "20 %"}}));
  const auto& pattern = std::get<PruneStep>(recipe.steps[1]);
  EXPECT_EQ(pattern.options.what, Pruned::n_of_m);
  EXPECT_EQ(pattern.options.n, 1);
  EXPECT_EQ(pattern.options.m, 4);
  EXPECT_EQ(pattern.value, 1);
  EXPECT_FALSE(pattern.training);
  const auto& train = std::get<TrainStep>(recipe.steps[2]);
  EXPECT_EQ(train.teacher, temp_path("big.tflite")) << "beside the recipe";
  EXPECT_FALSE(train.batch_norms);
  EXPECT_EQ(changed({.epochs = 10}, train.changes).distillation, 0.5f);
}

TEST(Recipe, ATeachersPathIsSeenFromTheRecipesFolder) {
  const auto recipe_with = [](const std::string& teacher) {
    return "name = \"x\"\n[[step]]\ndo = \"train\"\ndistillation = 0.5\nteacher = \"" + teacher +
           "\"\n";
  };
  const auto teacher_of = [&](const std::string& written) {
    return std::get<TrainStep>(load_recipe(write_recipe(recipe_with(written))).steps.at(0)).teacher;
  };
  const std::filesystem::path folder = std::filesystem::path(temp_path("x")).parent_path();
  EXPECT_EQ(teacher_of("../big.tflite"), (folder.parent_path() / "big.tflite").string());
  EXPECT_EQ(teacher_of("/models/big.tflite"), "/models/big.tflite");
  setenv("MOTE_TEST_TEACHERS", "/teachers", 1);
  EXPECT_EQ(teacher_of("${MOTE_TEST_TEACHERS}/big.tflite"), "/teachers/big.tflite");
  unsetenv("MOTE_TEST_TEACHERS");
  EXPECT_NE(error_of(recipe_with("${MOTE_TEST_TEACHERS}/big.tflite")).find(":5: the environment"),
            std::string::npos);
}

TEST(Recipe, ErrorsOfStepsThatPruneAndTrain) {
  const auto error = [](const std::string& step) {
    return error_of("name = \"x\"\n[[step]]\ndo = \"prune\"\n" + step);
  };
  EXPECT_NE(error("").find("`prune` without `sparsity`"), std::string::npos);
  EXPECT_NE(error("sparsity = 2").find(":4"), std::string::npos);
  EXPECT_NE(error("sparsity = 0.5\nmacs = 0.5").find(":5"), std::string::npos);
  EXPECT_NE(error("macs = 0.5").find("what = \"channels\""), std::string::npos);
  EXPECT_NE(error("sparsity = 0.5\ncriterion = \"batch_norm\"").find("judges channels"),
            std::string::npos);
  EXPECT_NE(error("what = \"channels\"\nmacs = 0.5\ncriterion = \"batch_norm\"").find("epochs"),
            std::string::npos);
  EXPECT_NE(error("what = \"channels\"\nram = 0.5\ncriterion = \"reconstruction\"\nepochs = 1")
                .find("refits"),
            std::string::npos);
  EXPECT_NE(error("sparsity = 0.5\nwhat = \"rows\"").find("n_of_m"), std::string::npos);
  EXPECT_NE(error("sparsity = 0.5\nn = 2").find(":5: 'n' without"), std::string::npos);
  EXPECT_NE(error("what = \"n_of_m\"\nn = 4").find(":5"), std::string::npos);
  EXPECT_NE(
      error("sparsity = 0.5\nlearning_rate = 0.1").find(":5: 'learning_rate' without `epochs`"),
      std::string::npos);
  EXPECT_NE(error("sparsity = 0.5\nepochs = 0\nteacher = \"t\"").find("'teacher' without"),
            std::string::npos);
  EXPECT_NE(error("sparsity = 0.5\nepochs = 1\nteacher = \"t\"").find("without `distillation`"),
            std::string::npos);
  EXPECT_NE(error("sparsity = 0.5\nepoch = 1").find("unknown key 'epoch'"), std::string::npos);
  EXPECT_NE(error_of("name = \"x\"\n[[step]]\ndo = \"calibrate\"\n[[step]]\ndo = \"equalize\"\n"
                     "[[step]]\ndo = \"quantize\"\n")
                .find(":4: a step between `calibrate` and `quantize`"),
            std::string::npos);
}

TEST(Recipe, TrainsIntegersBehindCalibrate) {
  const std::string calibrate = "[[step]]\ndo = \"calibrate\"\n";
  const std::string train = "[[step]]\ndo = \"train\"\nepochs = 1\n";
  const std::string quantize = "[[step]]\ndo = \"quantize\"\nweight_bits = 2\n";
  const std::string name = "name = \"x\"\n";
  const Recipe recipe = load_recipe(write_recipe(name + calibrate + train + quantize));
  EXPECT_TRUE(recipe.trains_integers());
  ASSERT_NE(recipe.quantize_step(), nullptr);
  EXPECT_EQ(recipe.quantize_step()->weight_bits, 2);
  EXPECT_FALSE(load_recipe(write_recipe(name + train + calibrate + quantize)).trains_integers());
  EXPECT_NE(error_of(name + calibrate + train).find("no `quantize` to integer activations"),
            std::string::npos);
}

TEST(Recipe, AnUnknownNameListsTheKnownOnes) {
  try {
    load_recipe("int9");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_NE(error.hint.find("int8"), std::string::npos);
  }
}

TEST(Recipe, ErrorsNameLineKeyAndWhatIsAllowed) {
  const std::string unknown = error_of("name = \"x\"\n[[step]]\ndo = \"calibrate\"\nsample = 3\n");
  EXPECT_NE(unknown.find("recipe_test.toml:4: unknown key 'sample'"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("samples"), std::string::npos) << unknown;
  EXPECT_NE(error_of("name = \"x\"\n[[step]]\ndo = \"shrink\"\n").find("unknown do 'shrink'"),
            std::string::npos);
  EXPECT_NE(error_of("name = \"x\"\n[[step]]\ndo = \"calibrate\"\nsamples = 0\n").find(":4"),
            std::string::npos);
  EXPECT_NE(error_of("name = \"x\"\n[[step]]\ndo = \"quantize\"\n").find("calibrate"),
            std::string::npos);
  EXPECT_NE(error_of("name = ").find(":1"), std::string::npos);
  EXPECT_NE(error_of("description = \"no name\"").find("name"), std::string::npos);
  EXPECT_NE(error_of("name = \"x\"\nstep = 3\n").find("[[step]]"), std::string::npos);
}

// A recipe whose quantize step has these lines, from line 5 on.
std::string error_of_quantize(const std::string& lines) {
  return error_of("name = \"x\"\n[[step]]\ndo = \"calibrate\"\n[[step]]\n" + lines);
}

void expect_parts(const std::string& error, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(error.find(part), std::string::npos) << "'" << part << "' is not in: " << error;
}

TEST(Recipe, ErrorsListWhatTheSchemesAllow) {
  std::string names;
  for (const SchemeInfo& info : schemes())
    names += (names.empty() ? "" : ", ") + std::string(info.name);
  expect_parts(error_of_quantize("do = \"quantize\"\nscheme = \"int9\"\n"),
               {":6: unknown scheme 'int9'", names});
  expect_parts(error_of_quantize("do = \"quantize\"\nweight_bits = 9\n"),
               {":6: 'weight_bits' must be an integer from 2 to 8"});
  expect_parts(error_of_quantize("do = \"quantize\"\nweight_bits = \"4\"\n"), {":6", "2 to 8"});
  expect_parts(error_of_quantize("do = \"quantize\"\nbias_bits = 32\n"),
               {":6: scheme 'int8' has no 'bias_bits'", "int16x8"});
  expect_parts(error_of_quantize("do = \"quantize\"\nscheme = \"int16x8\"\nbias_bits = 48\n"),
               {":7: 'bias_bits' must be 32 or 64"});
  expect_parts(error_of("name = \"x\"\n[[step]]\ndo = \"quantize\"\nscheme = \"float32\"\n"
                        "weight_bits = 8\n"),
               {":5: scheme 'float32' has no 'weight_bits'", "int8, int16x8"});
}

TEST(Recipe, StepsThatLookAtSamplesBeforeQuantizing) {
  const Recipe recipe = load_recipe(write_recipe(R"(name = "x"
[[step]]
do = "equalize"
by = "activations"
samples = 64
[[step]]
do = "calibrate"
observer = "percentile"
percentile = 99.9
[[step]]
do = "quantize"
weight_bits = 4
first_bits = 8
last_bits = 7
depthwise_bits = 6
layer_bits = { "a" = 5, "b/c d" = 2 }
granularity = "per_channel"
scales = "mse"
rounding = "gptq"
refits = 3
bias_correction = true
samples = 128
)"));
  ASSERT_EQ(recipe.steps.size(), 3u);
  EXPECT_EQ(std::get<EqualizeStep>(recipe.steps[0]).by, EqualizeBy::activations);
  EXPECT_EQ(std::get<EqualizeStep>(recipe.steps[0]).samples, 64);
  EXPECT_EQ(std::get<CalibrateStep>(recipe.steps[1]).observer, Observer::percentile);
  EXPECT_EQ(std::get<CalibrateStep>(recipe.steps[1]).percentile, 99.9);
  EXPECT_EQ(std::get<QuantizeStep>(recipe.steps[2]),
            (QuantizeStep{.weight_bits = 4,
                          .first_bits = 8,
                          .last_bits = 7,
                          .depthwise_bits = 6,
                          .layer_bits = {{"a", 5}, {"b/c d", 2}},
                          .scales = WeightScale::mse,
                          .rounding = Rounding::gptq,
                          .refits = 3,
                          .bias_correction = true,
                          .samples = 128}));
}

TEST(Recipe, ErrorsOfKeysThatGoTogether) {
  expect_parts(error_of_quantize("do = \"quantize\"\nrefits = 2\n"),
               {":6: 'refits' without rounding = \"gptq\""});
  expect_parts(error_of_quantize("do = \"quantize\"\nrounding = \"gptq\"\nrefits = 2\n"
                                 "granularity = \"per_tensor\"\n"),
               {":7: 'refits' with granularity = \"per_tensor\""});
  expect_parts(error_of_quantize("do = \"quantize\"\nsamples = 2\n"),
               {":6: 'samples' that nothing looks at"});
  expect_parts(error_of_quantize("do = \"quantize\"\nlayer_bits = { a = 9 }\n"),
               {":6: 'a' must be an integer from 2 to 8"});
  expect_parts(error_of_quantize("do = \"quantize\"\nlayer_bits = 4\n"),
               {":6: 'layer_bits' must be a table"});
  expect_parts(error_of_quantize("do = \"quantize\"\nrounding = \"up\"\n"),
               {":6", "gptq, nearest"});
  expect_parts(error_of("name = \"x\"\n[[step]]\ndo = \"quantize\"\nscheme = \"float16\"\n"
                        "rounding = \"gptq\"\n"),
               {":5: scheme 'float16' has no 'rounding'"});
  expect_parts(error_of("name = \"x\"\n[[step]]\ndo = \"calibrate\"\npercentile = 99\n"),
               {":4: 'percentile' without observer = \"percentile\""});
}

TEST(Recipe, TrainingOfIntegersIsCheckedAgainstThem) {
  const auto error = [](const std::string& before, const std::string& training,
                        const std::string& quantize) {
    return error_of("name = \"x\"\n" + before + "[[step]]\ndo = \"train\"\n" + training +
                    "[[step]]\ndo = \"calibrate\"\n[[step]]\ndo = \"train\"\n" + training +
                    "[[step]]\ndo = \"quantize\"\n" + quantize);
  };
  expect_parts(error("", "rate = 0.0001\n", ""), {":2: 'rate', but no integers", "calibrate"});
  expect_parts(error("[[step]]\ndo = \"prune\"\nsparsity = 0.5\nepochs = 2\nrate = 0.1\n", "", ""),
               {":2: 'rate', but no integers"});
  expect_parts(error("", "rate = 2\n", ""), {":4: rate is 2", "from 0 to 1"});
  expect_parts(error("", "", "granularity = \"per_tensor\"\n"),
               {":6: batch norms", "batch_norms = false"});
}

TEST(Recipe, BitsThatAreChosenHaveABudget) {
  const auto constants = [](const std::string& amount) {
    const Recipe recipe = load_recipe(
        write_recipe("name = \"x\"\n[[step]]\ndo = \"calibrate\"\n[[step]]\ndo = \"quantize\"\n"
                     "bits = \"auto\"\nconstants = " +
                     amount + "\n"));
    EXPECT_TRUE(recipe.needs_data());
    return std::get<QuantizeStep>(recipe.steps.at(1)).constants;
  };
  EXPECT_EQ(constants("\"50 %\""), 0.5);
  EXPECT_EQ(constants("0.25"), 0.25);
  EXPECT_EQ(constants("\"40K\""), 40960);
  EXPECT_EQ(constants("30000"), 30000);
  EXPECT_EQ(std::get<QuantizeStep>(load_recipe("mixed").steps.back()).constants, 0.5);
  const auto error = [](const std::string& keys) {
    return error_of_quantize("do = \"quantize\"\n" + keys);
  };
  expect_parts(error("bits = \"auto\"\n"), {":6: bits = \"auto\" without `constants`", "50 %"});
  expect_parts(error("constants = 0.5\n"), {":6: 'constants' without bits"});
  expect_parts(error("prefer = \"flash\"\n"), {":6: 'prefer' without bits"});
  expect_parts(error("bits = \"auto\"\nconstants = 0.5\nprefer = \"size\"\n"),
               {":8: unknown prefer 'size'", "balance, flash"});
  expect_parts(error("bits = \"some\"\nconstants = 0.5\n"), {":6", "auto"});
  expect_parts(error("bits = \"auto\"\nweight_bits = 4\nconstants = 0.5\n"), {":6", "weight_bits"});
  for (const char* nonsense : {"\"much\"", "\"150 %\"", "0", "\"-3\""})
    expect_parts(error(std::string("bits = \"auto\"\nconstants = ") + nonsense + "\n"),
                 {":7: 'constants' says neither bytes nor a share", "40K"});
  expect_parts(error("constants = -1\nbits = \"auto\"\n"), {":6"});
  expect_parts(error_of("name = \"x\"\n[[step]]\ndo = \"quantize\"\nscheme = \"float16\"\n"
                        "bits = \"auto\"\nconstants = 0.5\n"),
               {":5: scheme 'float16' has no 'bits'"});
}

TEST(Recipe, ConstantsAreCountedAsPreferred) {
  const Recipe recipe =
      load_recipe(write_recipe("name = \"x\"\n[[step]]\ndo = \"calibrate\"\n[[step]]\n"
                               "do = \"quantize\"\nbits = \"auto\"\n"
                               "constants = 0.5\nprefer = \"flash\"\n"));
  const auto prefer = [](const Recipe& of) {
    return std::get<QuantizeStep>(of.steps.back()).prefer;
  };
  EXPECT_EQ(prefer(recipe), deploy::Preference::flash);
  EXPECT_EQ(json_of(recipe).at("steps").back().at("prefer"), "flash");
  EXPECT_FALSE(json_of(load_recipe("mixed")).at("steps").back().contains("prefer"));
  EXPECT_EQ(prefer(with_preference(load_recipe("mixed"), deploy::Preference::flash)),
            deploy::Preference::flash);
  EXPECT_EQ(prefer(with_preference(load_recipe("int4"), deploy::Preference::flash)),
            deploy::Preference::balance);
}

TEST(Recipe, TheCommandLineMayChooseBits) {
  const auto quantize_of = [](const Recipe& recipe) {
    return std::get<QuantizeStep>(recipe.steps.back());
  };
  EXPECT_EQ(quantize_of(with_bits(load_recipe("mixed"), "", "40K")).constants, 40960);
  EXPECT_EQ(quantize_of(with_bits(load_recipe("mixed"), "auto", "")).constants, 0.5);
  const QuantizeStep four = quantize_of(with_bits(load_recipe("int4"), "auto", "25 %"));
  EXPECT_EQ(four.constants, 0.25);
  EXPECT_EQ(four.first_bits, 8);
  EXPECT_EQ(quantize_of(with_bits(load_recipe("int4"), "", "")), quantize_of(load_recipe("int4")));
  for (const auto& [recipe, bits, constants] : {std::tuple{"int8", "", "40K"},
                                                {"int8", "auto", ""},
                                                {"mixed", "4", "40K"},
                                                {"mixed", "auto", "all"},
                                                {"float16", "auto", "40K"},
                                                {"float32", "", "40K"}})
    EXPECT_THROW(with_bits(load_recipe(recipe), bits, constants), Error) << recipe << constants;
}

TEST(Recipe, TechniquesAreChosenInThePlaceOfTheirSteps) {
  const Recipe recipe = load_recipe(
      write_recipe("name = \"x\"\n[[step]]\ndo = \"choose\"\nweight_bits = 4\nfirst_bits = 8\n"
                   "samples = 100\njudges = 50\n"));
  const auto& step = std::get<ChooseStep>(recipe.steps.at(0));
  EXPECT_EQ(step.quantize, (QuantizeOptions{.weight_bits = 4, .first_bits = 8}));
  EXPECT_EQ(step.samples, 100);
  EXPECT_EQ(step.judges, 50);
  EXPECT_TRUE(recipe.needs_data());
  const auto error = [](const std::string& keys) {
    return error_of("name = \"x\"\n[[step]]\ndo = \"choose\"\n" + keys);
  };
  expect_parts(error("scales = \"mse\"\n"), {":4: unknown key 'scales'"});
  expect_parts(error("scheme = \"float16\"\n"), {":4: nothing to choose", "int8, int16x8"});
  expect_parts(error("judges = 0\n"), {":4"});
  expect_parts(error("[[step]]\ndo = \"quantize\"\n"), {":4: a step after"});
  expect_parts(error_of("name = \"x\"\n[[step]]\ndo = \"calibrate\"\n[[step]]\ndo = \"choose\"\n"),
               {":4: `choose` after `calibrate`"});
}

// Rounding by samples needs some, whatever the scheme.
TEST(Recipe, WhatLooksAtSamplesNeedsData) {
  const auto recipe = [](const std::string& key) {
    return load_recipe(write_recipe(
        "name = \"x\"\n[[step]]\ndo = \"quantize\"\nscheme = \"dynamic_range\"\n" + key));
  };
  EXPECT_FALSE(recipe("scales = \"mse\"\n").needs_data());
  EXPECT_TRUE(recipe("rounding = \"gptq\"\n").needs_data());
  EXPECT_TRUE(recipe("bias_correction = true\n").needs_data());
}

TEST(Recipe, StepsStandInAnOrderThatMeansSomething) {
  const std::string calibrate = "[[step]]\ndo = \"calibrate\"\n";
  const std::string quantize = "[[step]]\ndo = \"quantize\"\n";
  const std::string name = "name = \"x\"\n";
  expect_parts(error_of(name + quantize), {":2: `quantize` before `calibrate`"});
  expect_parts(error_of(name + calibrate + quantize + quantize), {":6: a step after `quantize`"});
  expect_parts(error_of(name + calibrate + quantize + calibrate), {":6: a step after `quantize`"});
  expect_parts(error_of(name + calibrate), {":2: `calibrate`, but no `quantize`", "int8, int16x8"});
  expect_parts(error_of(name + calibrate + quantize + "scheme = \"float32\"\n"), {":2"});
  EXPECT_EQ(error_of(name + quantize + "scheme = \"float32\"\n"), "");
}

}  // namespace
}  // namespace mote::compress
