// Damaged .tflite files: an error that names the file, or a graph that verifies and can be lowered
// or refused. See attack.h.
#include <gtest/gtest.h>

#include <cmath>

#include "deploy/lower/lower.h"
#include "formats/model_file.h"
#include "formats/tflite/tflite.h"
#include "ops/foreign.h"
#include "ops/verify.h"
#include "tests/fuzz/attack.h"
#include "tests/support/foreign_graphs.h"
#include "tests/support/real_files.h"

namespace mote::testing {
namespace {

// What is accepted goes on to lowering, which must not trust it more than it was checked.
void read_and_lower(const std::string& path) {
  const Graph graph = formats::read_model(path);
  verify(graph, Level::imported);
  try {
    deploy::lower(graph, deploy::host_device());
  } catch (const Error& error) {
    EXPECT_NE(error.kind, ErrorKind::internal) << error.what();
  }
}

TEST(TfliteFuzz, ASmallModelOfOurOwn) {
  ForeignGraph graph = small_classifier();
  graph.labels = {"cat", "dog"};
  graph.preprocessing = {{{1.0f / 255}, {0.0f}}};
  Attacker attacker(".tflite");
  attacker.run(formats::print_tflite(graph), read_and_lower, {.flips = 5000});
  EXPECT_GT(attacker.refused(), 1000);
  EXPECT_GT(attacker.accepted(), 100);
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
    attacker.run(read_file(file), formats::read_model, {.seed = 2});
  }
}

}  // namespace
}  // namespace mote::testing
