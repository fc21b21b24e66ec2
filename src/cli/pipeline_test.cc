// The main job from the command line: train, compress, evaluate, run, deploy, on the built-in data
// with a network small enough for seconds.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "ir/npy.h"
#include "ir/scheme.h"
#include "tests/support/emulator.h"
#include "tests/support/run_mote.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Json run_json(std::vector<std::string> arguments) {
  arguments.push_back("--json");
  const Outcome outcome = run_mote(arguments);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  return outcome.exit_code == 0 ? outcome.json() : Json();
}

// Trained and quantized once, for all tests of this program.
class Pipeline : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = ::testing::TempDir() + "mote_pipeline_test_" + std::to_string(::getpid()) + "/";
    fs::create_directories(folder_);
    float_ = folder_ + "f.tflite";
    int8_ = folder_ + "q.tflite";
    trained_ = train(float_, "1");
    compressed_ =
        run_json({"compress", float_, "--data", "glyphs", "--recipe", "int8", "-o", int8_});
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static Json train(const std::string& path, const std::string& epochs) {
    return run_json(
        {"train", "zoo:custom?width=0.3", "--data", "glyphs", "--epochs", epochs, "-o", path});
  }

  static inline std::string folder_, float_, int8_;
  static inline Json trained_, compressed_;
};

TEST_F(Pipeline, TrainWritesAModelAndNoCheckpointStays) {
  EXPECT_GT(trained_.at("top1"), 0.4);
  EXPECT_EQ(trained_.at("epochs"), 1);
  EXPECT_GT(trained_.at("seconds"), 0);
  EXPECT_EQ(trained_.at("synthetic"), true);
  EXPECT_TRUE(fs::exists(float_));
  EXPECT_FALSE(fs::exists(float_ + ".checkpoint.mote"));
}

TEST_F(Pipeline, TheSameSeedTrainsTheSameBytes) {
  const std::string again = folder_ + "again.tflite";
  train(again, "1");
  EXPECT_TRUE(read_file(again) == read_file(float_));
}

TEST_F(Pipeline, CompressSaysWhatItCostAndWhatItSaved) {
  EXPECT_EQ(compressed_.at("scheme"), "int8");
  EXPECT_EQ(compressed_.at("file_bytes"), fs::file_size(int8_));
  EXPECT_LT(compressed_.at("constant_bytes"),
            compressed_.at("constant_bytes_before").get<int64_t>() / 2);
  EXPECT_EQ(compressed_.at("top1_before"), trained_.at("top1"));
  EXPECT_NEAR(compressed_.at("top1_after"), compressed_.at("top1_before").get<double>(), 0.03);
}

TEST_F(Pipeline, AQuantizedModelIsNotCompressedAgain) {
  const Outcome outcome = run_mote(
      {"compress", int8_, "--data", "glyphs", "--recipe", "int8", "-o", folder_ + "twice.tflite"});
  EXPECT_EQ(outcome.exit_code, 4) << outcome.err;
  EXPECT_FALSE(fs::exists(folder_ + "twice.tflite"));
}

TEST_F(Pipeline, EvaluateGivesEveryFigure) {
  const Json json = run_json({"evaluate", int8_, "--data", "glyphs"});
  EXPECT_EQ(json.at("samples"), 2000);
  EXPECT_EQ(json.at("top1"), compressed_.at("top1_after"));
  EXPECT_LT(json.at("top1_interval")[0], json.at("top1"));
  EXPECT_GT(json.at("top1_interval")[1], json.at("top1"));
  EXPECT_EQ(json.at("per_class").size(), 10u);
  for (const char* key : {"macro_precision", "macro_recall", "macro_f1"})
    EXPECT_NEAR(json.at(key), json.at("top1").get<double>(), 0.05) << key;
  EXPECT_GT(json.at("inferences_per_second"), 0);
}

TEST_F(Pipeline, EvaluateComparesWithTheFirstModel) {
  const Json json =
      run_json({"evaluate", float_, int8_, int8_, "--data", "glyphs", "--limit", "300"});
  const Json& models = json.at("models");
  ASSERT_EQ(models.size(), 3u);
  EXPECT_EQ(models[0].at("engine"), "native");
  EXPECT_TRUE(models[0].at("mcnemar_p").is_null());
  EXPECT_GT(models[1].at("mcnemar_p"), 0);
  EXPECT_EQ(models[1].at("top1"), models[2].at("top1"));
  EXPECT_EQ(models[1].at("file_bytes"), fs::file_size(int8_));
  EXPECT_LT(models[1].at("gzip_bytes"), models[1].at("file_bytes"));
}

TEST_F(Pipeline, EvaluateDeploysWhatFitsAndSaysWhatDoesNot) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const Json json = run_json({"evaluate", "zoo:custom?input=28x28x1", int8_, "--data", "glyphs",
                              "--limit", "20", "--device", "microbit", "--samples", "2"});
  const Json& models = json.at("models");
  EXPECT_NE(models[0].at("not_deployed").get<std::string>().find("too many"), std::string::npos);
  EXPECT_EQ(models[0].at("fits"), false);
  EXPECT_GT(models[0].at("ram_over_bytes"), 0);
  EXPECT_GT(models[0].at("flash_bytes"), models[0].at("constant_bytes"));
  EXPECT_TRUE(models[0].at("instructions").is_null());
  EXPECT_EQ(models[1].at("fits"), true);
  EXPECT_EQ(models[1].at("outputs_equal"), true);
  EXPECT_EQ(models[1].at("firmware_samples"), 2);
  EXPECT_EQ(models[1].at("samples"), 20);
  EXPECT_LE(models[1].at("ram_bytes"), 16384);
}

TEST_F(Pipeline, RunGivesTheSameBytesTwiceAndOnEveryEngine) {
  Array input{DType::int8, {3, 28, 28, 1}, Bytes(3 * 784)};
  for (size_t i = 0; i < input.data.size(); i++) input.data[i] = static_cast<uint8_t>(i * 37);
  write_npy(folder_ + "x.npy", input);
  const auto output_of = [&](const std::string& engine) {
    run_json({"run", int8_, "--input", folder_ + "x.npy", "--output", folder_ + "y.npy", "--engine",
              engine});
    return read_npy(folder_ + "y.npy");
  };
  const Array first = output_of("reference");
  EXPECT_EQ(first.shape, (Shape{3, 10}));
  EXPECT_EQ(output_of("reference"), first);
  EXPECT_EQ(output_of("native"), first);
  if (testing::why_no_emulator().empty()) {
    EXPECT_EQ(output_of("emulator:mps2-an386"), first);
  }
}

TEST_F(Pipeline, RunNamesAnInputThatDoesNotFit) {
  write_npy(folder_ + "wrong.npy", {DType::float32, {1, 28, 28, 1}, Bytes(784 * 4)});
  const Outcome outcome = run_mote({"run", int8_, "--input", folder_ + "wrong.npy"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.err.find("float32[1, 28, 28, 1] is given, int8[1, 28, 28, 1] is taken"),
            std::string::npos)
      << outcome.err;
}

TEST_F(Pipeline, DeployedFirmwareGivesTheHostsBytes) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const Json json = run_json({"deploy", int8_, "--device", "microbit", "-o", folder_ + "fw",
                              "--name", "digits", "--run", "--data", "glyphs", "--samples", "3"});
  EXPECT_EQ(json.at("outputs_equal"), true);
  EXPECT_EQ(json.at("samples"), 3);
  EXPECT_EQ(json.at("inputs"), "data");
  EXPECT_LE(json.at("ram_bytes"), 16384);
  EXPECT_EQ(json.at("flash_bytes"),
            json.at("constant_bytes").get<int64_t>() + json.at("code_bytes").get<int64_t>());
  EXPECT_GT(json.at("instructions"), 100000);
  int64_t by_class = 0, by_layer = 0;
  for (const auto& [name, count] : json.at("mix").items()) by_class += count.get<int64_t>();
  for (const Json& layer : json.at("layers")) by_layer += layer.at("instructions").get<int64_t>();
  EXPECT_EQ(by_class, json.at("instructions"));
  EXPECT_EQ(by_layer, json.at("instructions"));
  EXPECT_GE(json.at("cycles_modelled")[0], json.at("instructions"));
  EXPECT_GT(json.at("cycles_modelled")[1], json.at("cycles_modelled")[0]);
  EXPECT_DOUBLE_EQ(json.at("milliseconds_modelled")[1],
                   json.at("cycles_modelled")[1].get<double>() / 16e3);
  EXPECT_TRUE(json.at("energy_estimated_uj").is_null());
  EXPECT_TRUE(fs::exists(folder_ + "fw/digits.c"));
  EXPECT_TRUE(fs::exists(folder_ + "fw/CMakeLists.txt"));
}

TEST_F(Pipeline, FirmwareRunsTheSelfTestsInputsWhereThereIsNoData) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const std::vector<std::string> line{"deploy",           int8_,   "--device",  "microbit", "-o",
                                      folder_ + "seeded", "--run", "--samples", "2"};
  const Json json = run_json(line);
  EXPECT_EQ(json.at("outputs_equal"), true);
  EXPECT_EQ(json.at("samples"), 2);
  EXPECT_EQ(json.at("inputs"), "self_test");
  EXPECT_TRUE(json.at("data").is_null());
  const Outcome text = run_mote(line);
  EXPECT_NE(text.out.find("yes (2 samples, the self-test's and its like)"), std::string::npos)
      << text.out;
}

TEST_F(Pipeline, EverySchemeIsEvaluatedRunAndDeployed) {
  for (const SchemeInfo& info : schemes()) {
    SCOPED_TRACE(info.name);
    const std::string model = folder_ + std::string(info.name) + ".tflite";
    const Json compressed = run_json({"compress", float_, "--data", "glyphs", "--recipe",
                                      std::string(info.name), "--limit", "500", "-o", model});
    EXPECT_EQ(compressed.at("scheme"), info.name);
    EXPECT_NEAR(compressed.at("top1_after"), compressed.at("top1_before").get<double>(), 0.03);
    const auto size = static_cast<size_t>(784 * size_of(info.activations));
    write_npy(folder_ + "zeros.npy", {info.activations, {1, 28, 28, 1}, Bytes(size)});
    run_json({"run", model, "--input", folder_ + "zeros.npy", "--output", folder_ + "y.npy"});
    EXPECT_EQ(read_npy(folder_ + "y.npy").dtype, info.activations);
    if (!testing::why_no_emulator().empty()) continue;
    const Json deployed =
        run_json({"deploy", model, "--device", "mps2-an386", "-o", folder_ + "any", "--name",
                  "each", "--run", "--data", "glyphs", "--samples", "2"});
    EXPECT_EQ(deployed.at("outputs_equal"), true);
  }
}

TEST_F(Pipeline, AKilledTrainingLeavesTheOldModelAndGoesOnToTheSameBytes) {
  const std::string uninterrupted = folder_ + "uninterrupted.tflite";
  const std::string path = folder_ + "killed.tflite";
  train(uninterrupted, "3");
  write_file(path, std::string_view("the old model"));
  const std::vector<std::string> arguments{
      "train", "zoo:custom?width=0.3", "--data", "glyphs", "--epochs", "3", "-o", path, "--resume"};
  // Dies as soon as the first epoch's checkpoint is there: two more are to come.
  const std::string killed =
      "sh -c '\"$@\" & while test ! -e " + path +
      ".checkpoint.mote && kill -0 $!; do sleep 0.01; done; kill -KILL $!; wait $!' sh";
  EXPECT_NE(run_mote(arguments, killed).exit_code, 0);
  EXPECT_EQ(text_of_file(path), "the old model");
  EXPECT_EQ(run_mote(arguments).exit_code, 0);
  EXPECT_TRUE(read_file(path) == read_file(uninterrupted));
}

}  // namespace
}  // namespace mote
