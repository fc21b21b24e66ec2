// The models under results/ still score what their records say: whoever changes a kernel, a format
// or a data set's reader learns of it here. What evaluates needs real data.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "datasets/dataset.h"
#include "deploy/devices/device.h"
#include "deploy/lower/lower.h"
#include "evaluate/engine.h"
#include "evaluate/evaluate.h"
#include "formats/model_file.h"
#include "ir/npy.h"
#include "passes/pipeline.h"
#include "tests/support/places.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> records() {
  const fs::path results = fs::path(source_path()) / "results";
  std::vector<fs::path> found;
  if (!fs::exists(results)) return found;
  for (const auto& entry : fs::recursive_directory_iterator(results))
    if (entry.path().filename() == "evaluate.json") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

class Results : public ::testing::TestWithParam<fs::path> {};

TEST_P(Results, ModelsScoreWhatTheirRecordSays) {
  if (!std::getenv("MOTE_DATA_DIR")) GTEST_SKIP() << "MOTE_DATA_DIR is not set";
  const nlohmann::json record = nlohmann::json::parse(std::ifstream(GetParam()));
  const datasets::Dataset data = datasets::load(GetParam().parent_path().filename());
  ASSERT_GE(record.at("models").size(), 2u);
  for (const nlohmann::json& expected : record.at("models")) {
    const fs::path model =
        GetParam().parent_path() / fs::path(expected.at("model").get<std::string>()).filename();
    const Graph graph = formats::read_model(model);
    const bool integer = graph.value(graph.inputs.at(0)).type.dtype == DType::int8;
    const auto engine = evaluate::make_engine(integer ? "native" : "float", graph);
    const double top1 = evaluate::evaluate(*engine, graph, data.test).metrics.top1;
    // Integers are exact; another libtorch may decide a handful of images otherwise.
    EXPECT_NEAR(top1, expected.at("top1").get<double>(), integer ? 1e-9 : 5e-4) << model;
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Results);
INSTANTIATE_TEST_SUITE_P(All, Results, ::testing::ValuesIn(records()), [](const auto& info) {
  const fs::path results = fs::path(source_path()) / "results";
  std::string name = info.param.parent_path().lexically_relative(results).string();
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

// That the models score so, the test above says.
TEST(TinyResults, LeNet5HasItsAccuracyInFewBytes) {
  const fs::path folder = fs::path(source_path()) / "results/tiny/mnist";
  const nlohmann::json record = nlohmann::json::parse(std::ifstream(folder / "evaluate.json"));
  const deploy::Device device = deploy::load_device("microbit", "flash");
  double top1 = 0;
  for (const nlohmann::json& model : record.at("models")) {
    top1 += model.at("top1").get<double>() / 3;
    const fs::path file = folder / fs::path(model.at("model").get<std::string>()).filename();
    const Program program = deploy::lower(passes::optimized(formats::read_model(file)), device);
    EXPECT_LE(constant_bytes(program), 1500) << file;
    EXPECT_EQ(program.ram.lacking_bytes(), 0) << file;
  }
  EXPECT_EQ(record.at("models").size(), 3u);
  EXPECT_GE(top1, 0.988);
}

// The integer models of a study, kept beside its records.
struct Record {
  fs::path folder;
  nlohmann::json json;
};

// Of a study under results/.
std::vector<Record> records_of(const std::string& study) {
  std::vector<Record> records;
  for (const auto& entry : fs::directory_iterator(fs::path(source_path()) / "results" / study))
    if (const fs::path file = entry.path() / "record.json"; fs::exists(file))
      records.push_back({entry.path(), nlohmann::json::parse(std::ifstream(file))});
  return records;
}

TEST(StudyResults, ModelsScoreWhatTheirRecordsSay) {
  if (!std::getenv("MOTE_DATA_DIR")) GTEST_SKIP() << "MOTE_DATA_DIR is not set";
  std::set<std::string> seen;  // a model is measured on several devices
  for (const auto& [folder, record] : records_of("five-schemes")) {
    if (record.at("task") != "measure") continue;
    const auto& recipe = record.at("cell").at("recipe");
    const std::string compressed = record.at("inputs").at("compress");
    if ((recipe != "int8" && recipe != "int16x8") || !seen.insert(compressed).second) continue;
    SCOPED_TRACE(folder);
    const Graph graph = formats::read_model(folder.parent_path() / compressed / "model.tflite");
    const datasets::Dataset data = datasets::load(record.at("cell").at("data"));
    const auto engine = evaluate::make_engine("native", graph);
    EXPECT_EQ(evaluate::evaluate(*engine, graph, data.test).metrics.top1,
              record.at("result").at("evaluation").at("top1").get<double>());
  }
  EXPECT_EQ(seen.size(), 4u);
}

// Five networks, two data sets, five recipes: no hole, firmware that answers as its model did, and
// the accuracies that the study is there to show.
TEST(StudyResults, FourTechniquesAreWholeAndCostLittle) {
  const std::map<std::string, double> least{{"resnet20_v1", 0.91},
                                            {"resnet20_v2", 0.91},
                                            {"mobilenet_v1?width=0.5", 0.88},
                                            {"mobilenet_v2?width=0.5", 0.88},
                                            {"custom", 0.83}};
  const std::map<std::string, double> most_lost{{"float32", 0.0},
                                                {"float16", 0.002},
                                                {"dynamic_range", 0.002},
                                                {"int16x8", 0.002},
                                                {"int8", 0.005}};
  constexpr double kLeastOnMnist = 0.994;
  std::set<std::string> cells;
  for (const auto& [folder, record] : records_of("four-techniques")) {
    SCOPED_TRACE(folder);
    ASSERT_EQ(record.at("status"), "done");
    if (record.at("task") != "measure") continue;
    const std::string network = record.at("cell").at("network"),
                      data = record.at("cell").at("data"), recipe = record.at("cell").at("recipe");
    EXPECT_TRUE(cells.insert(network + " " + data + " " + recipe).second);
    const auto& evaluation = record.at("result").at("evaluation");
    const double before = evaluation.at("baseline_top1"), after = evaluation.at("top1");
    EXPECT_EQ(evaluation.at("samples"), 10000);
    EXPECT_GE(before, data == "mnist" ? kLeastOnMnist : least.at(network)) << network;
    EXPECT_LE(before - after, most_lost.at(recipe) + 1e-9) << network << " " << recipe;
    EXPECT_TRUE(record.at("result").at("firmware").at("outputs_equal").get<bool>());
  }
  EXPECT_EQ(cells.size(), 50u);
}

// The float networks of a study: what they predicted is in the record, and they predict it still.
TEST(StudyResults, NetworksPredictWhatTheyDid) {
  if (!std::getenv("MOTE_DATA_DIR")) GTEST_SKIP() << "MOTE_DATA_DIR is not set";
  constexpr size_t kAgain = 200;  // of 10,000, by a kernel that has the same bytes everywhere
  int networks = 0;
  for (const auto& [folder, record] : records_of("four-techniques")) {
    if (record.at("task") != "train") continue;
    SCOPED_TRACE(folder);
    networks++;
    const datasets::Dataset data = datasets::load(record.at("cell").at("data"));
    const Array array = read_npy(folder / "predictions.npy");
    ASSERT_EQ(array.data.size(), data.test.labels.size() * sizeof(int32_t));
    std::vector<int32_t> predictions(data.test.labels.size());
    std::memcpy(predictions.data(), array.data.data(), array.data.size());
    EXPECT_EQ(evaluate::metrics_of(predictions, data.test.labels).top1,
              record.at("result").at("top1").get<double>());
    const Graph graph = formats::read_model(folder / "model.tflite");
    const auto engine = evaluate::make_engine("native", graph);
    predictions.resize(kAgain);
    EXPECT_EQ(evaluate::evaluate(*engine, graph, data.test, kAgain).predictions, predictions);
  }
  EXPECT_EQ(networks, 10);
}

}  // namespace
}  // namespace mote
