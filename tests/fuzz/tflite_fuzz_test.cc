// Damaged .tflite files: an error that names the file, or a graph that verifies and can be lowered
// or refused. See attack.h.
#include <gtest/gtest.h>

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
