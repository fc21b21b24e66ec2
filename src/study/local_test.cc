// Whole studies by the program itself: two of them at once, what fails, what is killed.
// $MOTE_STUDY_KILLS says how often the interrupted one is killed (3), $MOTE_STUDY_FILE which study
// that is instead of a small one.
#include "study/local.h"

#include <chrono>
#include <csignal>
#include <thread>

#include "base/random.h"
#include "compress/train/train.h"
#include "formats/model_file.h"
#include "ir/node.h"
#include "ir/npy.h"
#include "ops/verify.h"
#include "report/records.h"
#include "study/inputs.h"
#include "tests/support/emulator.h"
#include "tests/support/run_mote.h"
#include "tests/support/small_study.h"

namespace mote::study {
namespace {

TEST(Study, TwoAtOnceShareTheWork) {
  const std::string folder = test_folder();
  const std::string file =
      study_file(folder, "\"zoo:custom?width=0.1\"", board_without_compiler(folder));
  const pid_t first = start_study(file, folder + "runs"),
              second = start_study(file, folder + "runs");
  for (const pid_t process : {first, second}) EXPECT_EQ(WEXITSTATUS(wait_for(process)), 6);
  const auto logs = files_called(folder + "runs", kLog);
  size_t trained = 0;
  for (const auto& [path, log] : logs) {
    const std::string text(log.begin(), log.end());
    for (size_t at = 0; (at = text.find("epoch 4 of 4", at)) != text.npos; at++) trained++;
  }
  EXPECT_EQ(trained, 1u) << "one of the two has trained";
  EXPECT_EQ(run_mote({"study", file, "-o", folder + "alone", "--quiet"}).exit_code, 6);
  expect_same_results(folder + "runs", folder + "alone");
}

TEST(Study, RunsInAFolderOfAnyName) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const std::string folder = test_folder() + "a b,c;\u00fc$(x)'\"/";
  fs::create_directories(folder);
  const std::string file = study_file(folder, "\"zoo:custom?width=0.1\"", "\"mps2-an386\"", 1);
  const Outcome outcome = run_mote({"study", file, "-o", folder + "runs", "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.json().at("done"), 2);
  const std::string page = folder + "report.html";
  EXPECT_EQ(run_mote({"report", folder + "runs", "-o", page}).exit_code, 0);
  EXPECT_TRUE(fs::exists(page));
}

TEST(Study, WhatFailsIsARecordAndTheOthersGoOn) {
  const std::string folder = test_folder();
  const std::string data = small_data("square.npz");
  ASSERT_EQ(run_mote({"train", "zoo:lenet5", "--data", data, "--epochs", "1", "--threads", "1",
                      "--batch", "16", "-o", folder + "f.tflite", "--quiet"})
                .exit_code,
            0);
  ASSERT_EQ(run_mote({"compress", folder + "f.tflite", "--data", data, "--recipe", "int8", "-o",
                      folder + "quantized.tflite", "--quiet"})
                .exit_code,
            0);
  const std::string file = study_file(folder, "\"zoo:custom?width=0.1\", \"quantized.tflite\"",
                                      board_without_compiler(folder));
  const std::vector<std::string> command = {"study", file, "-o",    folder + "runs",
                                            "-j",    "2",  "--json"};
  const Outcome outcome = run_mote(command);
  EXPECT_EQ(outcome.exit_code, 6) << outcome.err;
  EXPECT_NE(outcome.err.find("6 of 10 tasks failed"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.json().at("cells"), 4);
  EXPECT_EQ(outcome.json().at("done"), 0);
  EXPECT_EQ(outcome.json().at("failed"), 4);
  const Store store(folder + "runs");
  const nlohmann::json report = outcome.json();
  for (const auto& task : report.at("tasks")) {
    const auto record = store.record(task.at("hash"));
    ASSERT_TRUE(record);
    const bool imported = task.at("cell").at("network") == "quantized";
    const std::string kind = task.at("task");
    if (kind == "train" || kind == "import" || (kind == "compress" && !imported)) {
      EXPECT_EQ(record->at("status"), "done") << task;
      continue;
    }
    ASSERT_EQ(record->at("status"), "failed") << task;
    const std::string message = record->at("error").at("message");
    const char* why = kind == "compress" ? "quantized already"
                      : imported         ? "lacks"
                                         : "no-such-compiler";
    EXPECT_NE(message.find(why), message.npos) << message;
  }
  // Again: what is done stays, what failed is tried once more.
  const auto done = files_called(folder + "runs", kModel);
  EXPECT_EQ(run_mote(command).exit_code, 6);
  EXPECT_EQ(files_called(folder + "runs", kModel), done);
}

TEST(Study, AWorkerThatCrashesIsAFailedTask) {
  const std::string folder = test_folder();
  const std::string file =
      study_file(folder, "\"zoo:custom?width=0.1\"", board_without_compiler(folder));
  const Plan plan = make_plan(read_study(file));
  const Store store(folder + "runs");
  const StudyResult result =
      run_local(plan, store, {2, {"/bin/sh", "-c", "echo 0.5 half; kill -9 $$"}});
  for (const Task& task : plan.tasks) {
    EXPECT_EQ(result.status.at(task.hash), Status::failed);
    const std::string message = store.record(task.hash)->at("error").at("message");
    const char* why = task.kind == TaskKind::train ? "signal 9" : "lacks";
    EXPECT_NE(message.find(why), message.npos) << message;
  }
}

// As Ctrl-C does; shells start background jobs with SIGINT ignored.
TEST(Study, ASignalStopsTheWorkersAndFailsNothing) {
  const std::string folder = test_folder();
  const std::string file =
      study_file(folder, "\"zoo:custom?width=0.1\"", board_without_compiler(folder));
  const Plan plan = make_plan(read_study(file));
  const Store store(folder + "runs");
  const auto asleep = [&](const Standing& standing) {
    if (!standing.running.empty()) std::raise(SIGTERM);
  };
  const StudyResult result = run_local(plan, store, {1, {"/bin/sh", "-c", "sleep 1000"}}, asleep);
  EXPECT_EQ(result.interrupted_by, SIGTERM);
  for (const Task& task : plan.tasks) {
    EXPECT_EQ(result.status.at(task.hash), Status::missing);
    EXPECT_EQ(store.status(task.hash), Status::missing);
    EXPECT_TRUE(store.claim(task.hash));
  }
}

// Four boards: one runs, one can only be linked for, one is too small, one as small has external
// memory to run from.
TEST(Study, MeasuresWhatADeviceAllowsAndTheReportReadsIt) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const std::string folder = test_folder();
  for (const auto& [name, flash, ram] :
       {std::tuple("mute", 1 << 20, 1 << 17), {"small", 4096, 256}})
    write_file(folder + name + ".toml",
               fmt::format("name = \"{}\"\ncore = \"cortex-m4\"\nflash_origin = 0\n"
                           "flash_bytes = {}\nram_origin = 536870912\nram_bytes = {}\n"
                           "compiler = \"arm-none-eabi-gcc\"\n"
                           "compiler_flags = [\"-mcpu=cortex-m4\", \"-mthumb\", \"-O2\"]\n",
                           name, flash, ram));
  write_file(folder + "large.toml",
             "name = \"large\"\ncore = \"cortex-m55\"\nflash_origin = 0\n"
             "flash_bytes = 8192\nram_origin = 0x21000000\nram_bytes = 380\n"
             "external_memory = \"DDR\"\nexternal_origin = 0x60000000\n"
             "external_bytes = 0x1000000\ncompiler = \"arm-none-eabi-gcc\"\n"
             "compiler_flags = [\"-mcpu=cortex-m55+nomve\", \"-mthumb\", \"-O2\"]\n"
             "emulator = \"qemu-system-arm\"\nemulator_machine = \"mps3-an547\"\n");
  const std::string file =
      study_file(folder, "\"zoo:custom?width=0.1\"",
                 "\"mps2-an386\", \"mute.toml\", \"small.toml\", \"large.toml\"");
  const Outcome outcome = run_mote({"study", file, "-o", folder + "runs", "-j", "2", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.json().at("done"), 8);
  const Store store(folder + "runs");
  const nlohmann::json report = outcome.json();
  for (const auto& task : report.at("tasks")) {
    if (task.at("task") != "measure" || task.at("cell").at("recipe") != "int8") continue;
    const Json result = store.record(task.at("hash"))->at("result");
    const Json& firmware = result.at("firmware");
    EXPECT_EQ(result.at("evaluation").at("samples"), 40);
    EXPECT_EQ(result.at("evaluation").at("confusion").size(), 2u);
    EXPECT_GT(store.timing(task.at("hash"))->at("latency").at("median_us"), 0);
    const size_t layers = result.at("layers").at("name").size();
    EXPECT_EQ(result.at("layers").at("snr_db").size(), layers);
    int64_t constants = 0, by_layer = 0;
    for (const char* part : {"value_bytes", "mask_bytes", "bias_bytes", "other_bytes"}) {
      constants += result.at("firmware").at(part).get<int64_t>();
      EXPECT_EQ(result.at("layers").at(part).size(), layers);
      for (const Json& bytes : result.at("layers").at(part)) by_layer += bytes.get<int64_t>();
    }
    EXPECT_EQ(constants, result.at("firmware").at("constant_bytes"));
    EXPECT_EQ(by_layer, constants);
    const std::string device = task.at("cell").at("device");
    EXPECT_EQ(firmware.at("device"), device);
    const bool runs = device == "mps2-an386" || device == "large";
    EXPECT_EQ(firmware.at("fits"), device == "mps2-an386" || device == "mute");
    EXPECT_EQ(firmware.contains("not_run"), device == "mute");
    EXPECT_EQ(firmware.contains("instructions"), runs);
    EXPECT_EQ(result.at("layers").contains("instructions"), runs);
    EXPECT_EQ(firmware.value("outputs_equal", false), runs);
    EXPECT_EQ(firmware.contains("external_memory"), device == "large");
    if (device == "large") {
      EXPECT_EQ(firmware.at("flash_limit_bytes"), 8192);
      EXPECT_EQ(firmware.at("ram_over_bytes"), firmware.at("arena_bytes").get<int64_t>() - 380);
      EXPECT_TRUE(firmware.at("reason").get<std::string>().ends_with("DDR holds what is too much"));
    }
    if (device != "small") continue;
    EXPECT_EQ(firmware.at("flash_over_bytes"), firmware.at("flash_bytes").get<int64_t>() - 4096);
    EXPECT_EQ(firmware.at("ram_over_bytes"), firmware.at("ram_bytes").get<int64_t>() - 256);
  }
  const report::Records records = report::read_records({folder + "runs"});
  EXPECT_EQ(records.tasks.size(), outcome.json().at("tasks").size());
  for (const report::Problem& problem : records.problems) ADD_FAILURE() << problem.text();
}

// Class 1 where the first input is larger than the second.
Graph comparison() {
  Graph graph;
  graph.name = std::string("comparison");
  for (const char* name : {"a", "b"})
    graph.inputs.push_back(add_value(graph, name, {DType::float32, {1, 2}, {}}));
  const ValueId difference = add_node(graph, ops::Sub{}, {graph.inputs[0], graph.inputs[1]}, "d");
  const ValueId weights = add_constant(graph, "w", Shape{2, 2}, {-1.0f, -1.0f, 1.0f, 1.0f});
  graph.outputs = {add_node(graph, ops::FullyConnected{}, {difference, weights}, "y")};
  return graph;
}

TEST(Study, TakesDataOfSeveralInputs) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const std::string folder = test_folder();
  formats::write_model(folder + "comparison.tflite", comparison());
  constexpr int32_t kSamples = 100;
  std::vector<float> a, b;
  std::vector<int32_t> labels;
  Random random(1);
  for (int32_t n = 0; n < kSamples; n++) {
    const auto middle = static_cast<float>(random.uniform(-1, 1));
    labels.push_back(n % 2);
    for (int i = 0; i < 2; i++) {
      a.push_back(middle + (n % 2 == 1 ? 0.5f : -0.5f));
      b.push_back(middle);
    }
  }
  const auto reals = [](const std::vector<float>& numbers) {
    return Array{DType::float32, {kSamples, 2}, to_bytes(std::span<const float>(numbers))};
  };
  write_npz(folder + "pairs.npz",
            {{"a", reals(a)},
             {"b", reals(b)},
             {"y", {DType::int32, {kSamples}, to_bytes(std::span<const int32_t>(labels))}}});
  write_file(folder + "study.toml",
             "networks = [\"comparison.tflite\"]\ndata = [\"pairs.npz\"]\n"
             "recipes = [\"float32\", \"int8\"]\ndevices = [\"microbit\"]\n");
  const Outcome outcome =
      run_mote({"study", folder + "study.toml", "-o", folder + "runs", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.json().at("done"), 2);
  const Store store(folder + "runs");
  const nlohmann::json report = outcome.json();
  for (const auto& task : report.at("tasks")) {
    if (task.at("task") != "measure") continue;
    const Json result = store.record(task.at("hash"))->at("result");
    EXPECT_EQ(result.at("evaluation").at("top1"), 1.0);
    EXPECT_EQ(result.at("firmware").at("outputs_equal"), true);
    EXPECT_GT(store.timing(task.at("hash"))->at("latency").at("median_us"), 0);
  }
  // Other numbers in the second input alone are other data.
  const std::string before = make_plan(read_study(folder + "study.toml")).cells.at(0);
  b[1] += 0.25f;
  write_npz(folder + "pairs.npz",
            {{"a", reals(a)},
             {"b", reals(b)},
             {"y", {DType::int32, {kSamples}, to_bytes(std::span<const int32_t>(labels))}}});
  EXPECT_NE(make_plan(read_study(folder + "study.toml")).cells.at(0), before);
}

// A training that `mote train` began: its checkpoint, put into the task's folder.
TEST(Study, GoesOnFromATrainingThatWasBegunElsewhere) {
  const std::string folder = test_folder();
  const std::string file =
      study_file(folder, "\"zoo:custom?width=0.1\"", board_without_compiler(folder));
  ASSERT_EQ(run_mote({"study", file, "-o", folder + "whole", "--quiet"}).exit_code, 6);
  const Plan plan = make_plan(read_study(file));
  const Task& task = plan.tasks[0];
  const std::string begun = folder + "runs/" + task.hash + "/" + kCheckpoint;
  fs::create_directories(folder + "runs/" + task.hash);
  const datasets::Dataset data = open_data({"square", task.sources.at("data"), 1, 0.05});
  struct Enough {};
  const auto stop = [](const compress::TrainProgress& p) {
    if (p.epoch == 3) throw Enough();
  };
  EXPECT_THROW(compress::train_network("zoo:custom?width=0.1", data,
                                       compress::train_options_of(task.inputs.at("training")),
                                       {begun, false}, stop),
               Enough);
  ASSERT_EQ(run_mote({"study", file, "-o", folder + "runs", "--quiet"}).exit_code, 6);
  expect_same_results(folder + "runs", folder + "whole");
  EXPECT_FALSE(fs::exists(begun));
  const Json timing = *Store(folder + "runs").timing(task.hash);
  EXPECT_EQ(timing.at("epochs"), 2) << "those that were trained here";
}

// Layers that lost channels, and rows of a report about them.
TEST(Study, PrunesChannels) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const std::string folder = test_folder();
  write_file(folder + "narrow.toml",
             "name = \"narrow\"\n[[step]]\ndo = \"prune\"\nwhat = \"channels\"\nmacs = 0.6\n"
             "[[step]]\ndo = \"calibrate\"\nsamples = 16\n[[step]]\ndo = \"quantize\"\n");
  const std::string file = study_file(folder, "\"zoo:custom?width=0.5\"", "\"mps2-an386\"", 1,
                                      "\"" + folder + "narrow.toml\"");
  const Outcome outcome = run_mote({"study", file, "-o", folder + "runs", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const report::Records records = report::read_records({folder + "runs"});
  for (const report::Problem& problem : records.problems) ADD_FAILURE() << problem.text();
  const nlohmann::json all = outcome.json();
  for (const auto& task : all.at("tasks")) {
    if (task.at("task") != "measure") continue;
    const Json result = Store(folder + "runs").record(task.at("hash"))->at("result");
    EXPECT_TRUE(result.at("firmware").at("outputs_equal"));
    EXPECT_GE(result.at("model").at("sparsity"), 0);
    EXPECT_EQ(result.at("layers").at("zeros").size(), result.at("layers").at("name").size());
    EXPECT_TRUE(result.at("layers").at("weights")[0].is_number());
  }
}

// prune_int8 begins from what prune has made, and its result is as if it had not.
TEST(Study, PrunesOnceForTwoRecipes) {
  const std::string folder = test_folder();
  const std::string recipes = pruning_recipes(folder), board = board_without_compiler(folder);
  const std::string network = "\"zoo:custom?width=0.1\"";
  const std::string both = study_file(folder, network, board, 4, recipes);
  ASSERT_EQ(run_mote({"study", both, "-o", folder + "both", "--quiet"}).exit_code, 6);
  const std::string alone =
      study_file(folder, network, board, 4, recipes.substr(recipes.find(", ") + 2));
  ASSERT_EQ(run_mote({"study", alone, "-o", folder + "alone", "--quiet"}).exit_code, 6);

  const Plan plan = make_plan(read_study(alone));
  const auto compress = std::ranges::find(plan.tasks, TaskKind::compress, &Task::kind);
  ASSERT_NE(compress, plan.tasks.end());
  EXPECT_FALSE(compress->sources.contains("begin"));
  const Store first(folder + "both"), second(folder + "alone");
  EXPECT_TRUE(first.read_task(compress->hash).sources.contains("begin"));
  const Json record = *first.record(compress->hash);
  EXPECT_EQ(record, *second.record(compress->hash));
  EXPECT_EQ(read_file(first.file(compress->hash, kModel)),
            read_file(second.file(compress->hash, kModel)));
  const auto epochs_in = [&](const Store& store) {
    const Bytes log = read_file(store.file(compress->hash, kLog));
    return std::string(log.begin(), log.end()).find("epoch 1 of") != std::string::npos;
  };
  EXPECT_FALSE(epochs_in(first));
  EXPECT_TRUE(epochs_in(second));
  const Json& layers = record.at("result").at("layers");
  int64_t weights = 0, zeros = 0;
  for (size_t i = 0; i < layers.at("name").size(); i++) {
    weights += layers.at("weights")[i].get<int64_t>();
    zeros += layers.at("zeros")[i].get<int64_t>();
  }
  EXPECT_GE(zeros, weights * 6 / 10);
}

TEST(Study, EndsWithTheSameRecordsHoweverOftenItIsKilled) {
  MOTE_SKIP_WITHOUT_EMULATOR();
  const std::string folder = test_folder();
  std::string file = named_study();
  if (file.empty())
    file = study_file(folder, "\"zoo:custom?width=0.1\", \"zoo:lenet5\"", "\"mps2-an386\"", 4,
                      "\"int8\", " + pruning_recipes(folder));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(wait_for(start_study(file, folder + "whole")), 0);
  const auto whole = std::chrono::steady_clock::now() - start;

  const char* wanted = std::getenv("MOTE_STUDY_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 3;
  Random random(5, "kills");
  for (int i = 0; i < kills; i++) {
    const pid_t process = start_study(file, folder + "runs");
    std::this_thread::sleep_for(whole * random.below(1000) / 3000);
    kill(random.below(2) == 0 ? process : -process, SIGKILL);
    wait_for(process);
  }
  ASSERT_EQ(wait_for(start_study(file, folder + "runs")), 0);
  expect_same_results(folder + "runs", folder + "whole");
  for (const auto& entry : fs::recursive_directory_iterator(folder + "runs")) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name != kScratch && name != kCheckpoint && name != kSteps) << entry.path();
  }
}

}  // namespace
}  // namespace mote::study
