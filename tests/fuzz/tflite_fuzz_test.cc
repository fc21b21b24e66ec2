// Damaged .tflite files: an error that names the file, or a graph that verifies, and that is
// refused or runs, the same once optimized. See attack.h.
#include <gtest/gtest.h>

#include <cmath>

#include "deploy/lower/lower.h"
#include "formats/model_file.h"
#include "formats/tflite/tflite.h"
#include "ir/node.h"
#include "ir/text.h"
#include "ops/foreign.h"
#include "ops/verify.h"
#include "tests/fuzz/attack.h"
#include "tests/fuzz/run_accepted.h"
#include "tests/support/foreign_graphs.h"
#include "tests/support/real_files.h"

namespace mote::testing {
namespace {

// What is accepted goes on, and must not be trusted more than it was checked.
void read_and_run(const std::string& path) {
  const Graph graph = formats::read_model(path);
  verify(graph, Level::imported);
  try {
    run_accepted(graph);
  } catch (const Error& error) {
    EXPECT_NE(error.kind, ErrorKind::internal) << error.what();
  } catch (const std::logic_error& error) {
    ADD_FAILURE() << error.what();
  }
}

TEST(TfliteFuzz, ASmallModelOfOurOwn) {
  ForeignGraph graph = small_classifier();
  graph.labels = {"cat", "dog"};
  graph.preprocessing = {{{1.0f / 255}, {0.0f}}};
  Attacker attacker(".tflite");
  attacker.run(formats::print_tflite(graph), read_and_run, {.flips = 5000});
  EXPECT_GT(attacker.refused(), 1000);
  EXPECT_GT(attacker.accepted(), 100);
}

// The operators whose operands are indices and shapes: no damaged one may lead out of a tensor.
TEST(TfliteFuzz, AModelOfSlicesAndShapes) {
  const Graph graph = parse(
      R"(graph decoder
input x: int8[1, 3, 4, 2] {scale: 0.5, zero_point: -3}
  w: int8[2, 2, 2, 2] {scale: [0.1, 0.2], axis: 0} = [1, -2, 3, 4, 5, 6, -7, 8, 9, 1, 2, 3, 4, 5, 6, 7]
  bias: int32[2] = [50, -70]
up: int8[1, 6, 8, 2] {scale: 0.3, zero_point: 1} = TransposeConv(x, w, bias) {stride: 2x2}
leaky: int8[1, 6, 8, 2] {scale: 0.25} = LeakyRelu(up) {alpha: 0.3}
cut: int8[1, 3, 8, 1] {scale: 0.25} = StridedSlice(leaky) {begin: [0, 5, 0, 1], size: [-1, 3, -1, 1], stride: [1, -2, 1, 1]}
  mean: int8[8, 1] {scale: 0.1, zero_point: 4} = [1, 2, 3, 4, 5, 6, 7, 8]
y: int8[1, 3, 8, 1] {scale: 0.5} = Sub(cut, mean) {activation: relu}
output y
)",
      {});
  Attacker attacker(".tflite");
  attacker.run(formats::print_tflite(export_graph(graph, Format::tflite)), read_and_run,
               {.flips = 5000});
  EXPECT_GT(attacker.refused(), 1000);
  EXPECT_GT(attacker.accepted(), 100);
}

TEST(TfliteFuzz, ASmallModelOfFourBits) {
  ForeignGraph graph = small_classifier();
  std::vector<int8_t> weights(54);
  for (size_t i = 0; i < weights.size(); i++) weights[i] = static_cast<int8_t>(i % 16) - 8;
  graph.values[1].data = foreign_data(weights);
  graph.values[1].type.quantization->bits = 4;
  Attacker attacker(".tflite");
  attacker.run(formats::print_tflite(graph), read_and_run, {.flips = 3000});
  EXPECT_GT(attacker.refused(), 500);
  EXPECT_GT(attacker.accepted(), 50);
}

// What flips seldom hit: models that parse, and that no kernel may be asked to run.
TEST(TfliteFuzz, OddModelsAreRefusedByName) {
  const std::pair<const char*, std::function<void(ForeignGraph&)>> cases[] = {
      {"weights come from outside",
       [](ForeignGraph& g) {
         g.values[1].data = nullptr;
         g.inputs.push_back(1);
       }},
      {"a bias comes from outside",
       [](ForeignGraph& g) {
         g.values[2].data = nullptr;
         g.inputs.push_back(2);
       }},
      {"no input scale", [](ForeignGraph& g) { g.values[0].type.quantization.reset(); }},
      {"no weight scale", [](ForeignGraph& g) { g.values[1].type.quantization.reset(); }},
      {"a scale of 0", [](ForeignGraph& g) { g.values[3].type.quantization = per_tensor(0, 0); }},
      {"a scale per input channel",
       [](ForeignGraph& g) {
         g.values[0].type.quantization = per_channel({1, 2}, 3);
       }},
      {"accumulators leave int32",
       [](ForeignGraph& g) {
         g.values[2].data = foreign_data(std::vector<int32_t>{INT32_MAX, INT32_MIN, 0});
       }},
      {"beta is not a number", [](ForeignGraph& g) { g.nodes[2].attributes[0].second = NAN; }},
      {"a huge dilation", [](ForeignGraph& g) { g.nodes[0].attributes[4].second = INT32_MAX; }},
      {"a negative stride", [](ForeignGraph& g) { g.nodes[0].attributes[1].second = -1; }},
      {"no outputs", [](ForeignGraph& g) { g.nodes[0].outputs = {}; }},
      {"no weights", [](ForeignGraph& g) { g.nodes[0].inputs = {0}; }},
      {"made twice", [](ForeignGraph& g) { g.nodes[1].outputs = {3}; }},
      {"reads itself", [](ForeignGraph& g) { g.nodes[0].inputs[0] = 3; }},
      {"an input that nobody gives", [](ForeignGraph& g) { g.inputs.clear(); }},
  };
  for (const auto& [name, spoil] : cases) {
    ForeignGraph foreign = small_classifier();
    spoil(foreign);
    try {
      deploy::lower(import_graph(foreign, Format::tflite), deploy::host_device());
      ADD_FAILURE() << name << ": accepted";
    } catch (const Error& error) {
      EXPECT_TRUE(error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::unsupported)
          << name << ": " << error.what();
      EXPECT_NE(error.where, "") << name << ": " << error.what();
    }
  }
}

TEST(TfliteFuzz, RealModels) {
  const std::string models = folder_from("MOTE_MODELS_DIR");
  if (models.empty()) GTEST_SKIP() << "MOTE_MODELS_DIR is unset";
  Attacker attacker(".tflite");
  for (const std::string& file : files_below(models, ".tflite")) {
    if (std::filesystem::file_size(file) > 100'000) continue;  // for the sanitizers' sake
    SCOPED_TRACE(file);
    attacker.run(read_file(file), [](const std::string& path) { formats::read_model(path); },
                 {.seed = 2});
  }
}

}  // namespace
}  // namespace mote::testing
