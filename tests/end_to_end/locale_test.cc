// The library in a program that has set a locale: the same files, the same figures, to the byte.
#include <gtest/gtest.h>
#include <mote/mote.h>

#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "base/file.h"
#include "compress/train/train.h"
#include "datasets/dataset.h"
#include "ir/graph.h"
#include "passes/pipeline.h"
#include "study/inputs.h"
#include "tests/support/emulator.h"
#include "tests/support/locales.h"
#include "tests/support/small_data.h"
#include "zoo/zoo.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

using Files = std::map<std::string, Bytes>;

Bytes bytes_of_text(const std::string& text) {
  return {text.begin(), text.end()};
}

// Trains, interrupted and resumed, so that all that a checkpoint holds is written and read.
Graph trained(const std::string& checkpoint, Files& files) {
  struct Killed {};
  const datasets::Dataset data = datasets::load(small_data("square.npz"), {});
  const Graph network =
      zoo::build("custom?width=0.1", {.input = {16, 16, 1}, .classes = 2, .seed = 1});
  compress::TrainOptions options{.epochs = 3, .batch = 32, .ema_decay = 0.9f, .threads = 1};
  fs::remove(checkpoint);
  EXPECT_THROW(compress::train(network, data, options, {checkpoint, true},
                               [](const compress::TrainProgress& progress) {
                                 if (progress.epoch == 3) throw Killed();
                               }),
               Killed);
  const auto result = compress::train(network, data, options, {checkpoint, true});
  std::string history;
  for (const auto& epoch : result.history) history += fmt::format("{} ", epoch.loss);
  files["history"] = bytes_of_text(history);
  return passes::optimized(result.graph);
}

// What one whole way through the library writes and says.
Files everything(const std::string& folder) {
  Files files;
  fs::remove_all(folder);
  fs::create_directories(folder);
  const Model network(std::make_shared<const Graph>(trained(folder + "/c.checkpoint.mote", files)));
  network.save(folder + "/network.mote");
  const Dataset data = load_dataset(small_data("square.npz"));
  open(folder + "/network.mote").save(folder + "/network.tflite");
  for (const char* recipe : {"int8", "int16x8", "dynamic_range", "float16"}) {
    const std::string path = folder + "/" + recipe + ".tflite";
    open(folder + "/network.tflite").compress(data, recipe).save(path);
    const Model model = open(path);
    model.save(folder + "/" + recipe + ".mote");
    const Evaluation evaluation = model.evaluate(data);
    files[std::string(recipe) + " says"] = bytes_of_text(fmt::format("{}", evaluation.top1));
    DeployOptions options{.name = "TITLE", .samples = 1};
    if (testing::why_no_emulator().empty()) options.run_on = data;
    const Deployment deployment = model.deploy("mps2-an386", folder + "/" + recipe, options);
    files[std::string(recipe) + " counts"] = bytes_of_text(
        fmt::format("{} {}", deployment.name, deployment.run ? deployment.run->instructions : 0));
  }
  files["device"] = bytes_of_text(study::device_json("microbit").dump());
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().filename() != "c.checkpoint.mote")
      files[fs::relative(entry.path(), folder)] = read_file(entry.path());
  return files;
}

TEST(Locale, ChangesNoByte) {
  const std::string folder = temp_path("locale");
  const Files expected = everything(folder);
  EXPECT_GT(expected.size(), 50u);
  for (const char* name : {"tr_TR.UTF-8", "de_DE.UTF-8"}) {
    const testing::LocaleOfTest locale(name);
    if (!locale.there()) GTEST_SKIP() << locale.why_not();
    const Files files = everything(folder);
    ASSERT_EQ(files.size(), expected.size());
    for (const auto& [path, bytes] : expected)
      EXPECT_TRUE(files.at(path) == bytes) << name << ": " << path;
  }
}

}  // namespace
}  // namespace mote
