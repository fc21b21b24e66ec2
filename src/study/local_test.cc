// Whole studies by the program itself: two of them at once, what fails, what is killed.
// $MOTE_STUDY_KILLS says how often the interrupted one is killed (3).
#include "study/local.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "compress/train/train.h"
#include "ir/file.h"
#include "ir/random.h"
#include "study/inputs.h"
#include "tests/support/run_mote.h"
#include "tests/support/small_data.h"

extern char** environ;

namespace mote::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTraining =
    "[train]\nepochs = 4\nbatch = 16\nthreads = 1\nema_decay = 0.9\n[measure]\nsamples = 1\n";

// A study file in the test's own folder.
std::string study_file(const std::string& folder, const std::string& networks,
                       const std::string& devices) {
  const std::string path = folder + "study.toml";
  write_file(path, "networks = [" + networks + "]\ndata = [\"" + small_data("square.npz") +
                       "\"]\nrecipes = [\"float32\", \"int8\"]\ndevices = [" + devices + "]\n" +
                       kTraining);
  return path;
}

// A board whose compiler is nowhere.
std::string board_without_compiler(const std::string& folder) {
  const std::string path = folder + "board.toml";
  write_file(path,
             "name = \"board\"\ncore = \"cortex-m4\"\nflash_origin = 0\nflash_bytes = 1000000\n"
             "ram_origin = 536870912\nram_bytes = 100000\ncompiler = \"no-such-compiler\"\n");
  return "\"" + path + "\"";
}

bool has_emulator() {
  return std::system("command -v arm-none-eabi-gcc qemu-system-arm >/dev/null") == 0;
}

// `mote study` in a process group of its own.
pid_t start_study(const std::string& file, const std::string& runs) {
  const std::vector<std::string> words = {
      MOTE_BUILD_DIR "/mote", "study", file, "-o", runs, "-j", "2", "--quiet"};
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t process = 0;
  EXPECT_EQ(posix_spawn(&process, argv[0], &files, &attributes, argv.data(), environ), 0);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  return process;
}

int wait_for(pid_t process) {
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  return status;
}

// Every file of that name, by its path below the folder.
std::map<std::string, Bytes> files_called(const std::string& runs, const std::string& name) {
  std::map<std::string, Bytes> files;
  for (const auto& entry : fs::recursive_directory_iterator(runs))
    if (entry.path().filename() == name)
      files[fs::relative(entry.path(), runs)] = read_file(entry.path());
  return files;
}

void expect_same_results(const std::string& runs, const std::string& expected) {
  for (const char* name : {kRecord, kModel, kPredictions}) {
    const auto files = files_called(runs, name);
    EXPECT_FALSE(files.empty()) << name;
    EXPECT_EQ(files, files_called(expected, name)) << name;
  }
}

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
  for (const auto& task : outcome.json().at("tasks")) {
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

TEST(Study, CtrlCStopsTheWorkersAndFailsNothing) {
  const std::string folder = test_folder();
  const std::string file =
      study_file(folder, "\"zoo:custom?width=0.1\"", board_without_compiler(folder));
  const Plan plan = make_plan(read_study(file));
  const Store store(folder + "runs");
  const auto asleep = [&](const Standing& standing) {
    if (!standing.running.empty()) std::raise(SIGINT);
  };
  const StudyResult result = run_local(plan, store, {1, {"/bin/sh", "-c", "sleep 1000"}}, asleep);
  EXPECT_EQ(result.interrupted_by, SIGINT);
  for (const Task& task : plan.tasks) {
    EXPECT_EQ(result.status.at(task.hash), Status::missing);
    EXPECT_EQ(store.status(task.hash), Status::missing);
    EXPECT_TRUE(store.claim(task.hash));
  }
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

TEST(Study, EndsWithTheSameRecordsHoweverOftenItIsKilled) {
  if (!has_emulator()) GTEST_SKIP() << "needs arm-none-eabi-gcc and qemu-system-arm";
  const std::string folder = test_folder();
  const std::string file =
      study_file(folder, "\"zoo:custom?width=0.1\", \"zoo:lenet5\"", "\"mps2-an386\"");
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(wait_for(start_study(file, folder + "whole")), 0);
  const auto whole = std::chrono::steady_clock::now() - start;

  const char* wanted = std::getenv("MOTE_STUDY_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 3;
  Random random(5, "kills");
  for (int i = 0; i < kills; i++) {
    const pid_t process = start_study(file, folder + "runs");
    std::this_thread::sleep_for(whole * random.below(1000) / (1000 * kills) * 2);
    kill(random.below(2) == 0 ? process : -process, SIGKILL);
    wait_for(process);
  }
  ASSERT_EQ(wait_for(start_study(file, folder + "runs")), 0);
  expect_same_results(folder + "runs", folder + "whole");
  for (const auto& entry : fs::recursive_directory_iterator(folder + "runs")) {
    const std::string name = entry.path().filename();
    EXPECT_TRUE(name != kScratch && name != kCheckpoint) << entry.path();
  }
}

}  // namespace
}  // namespace mote::study
