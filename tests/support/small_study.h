// A study that takes seconds, and what to compare of two runs of it: for tests of executors.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/file.h"
#include "study/store.h"
#include "tests/support/places.h"
#include "tests/support/small_data.h"

extern char** environ;

namespace mote::study {

namespace fs = std::filesystem;

// Recipes that prune while they train and then fine-tune, the second one also to int8: as a study
// lists them.
inline std::string pruning_recipes(const std::string& folder) {
  const std::string steps =
      "[[step]]\ndo = \"prune\"\nsparsity = 0.6\nepochs = \"50 %\"\nlearning_rate = \"50 %\"\n"
      "[[step]]\ndo = \"train\"\nepochs = \"50 %\"\nlearning_rate = \"20 %\"\n";
  write_file(folder + "pruned.toml", "name = \"pruned\"\n" + steps);
  write_file(folder + "pruned_int8.toml", "name = \"pruned_int8\"\n" + steps +
                                              "[[step]]\ndo = \"calibrate\"\nsamples = 16\n"
                                              "[[step]]\ndo = \"quantize\"\n");
  return "\"" + folder + "pruned.toml\", \"" + folder + "pruned_int8.toml\"";
}

// A study file in the test's own folder.
inline std::string study_file(const std::string& folder, const std::string& networks,
                              const std::string& devices, int epochs = 4,
                              const std::string& recipes = "\"float32\", \"int8\"") {
  const std::string path = folder + "study.toml";
  write_file(path, "networks = [" + networks + "]\ndata = [\"" + small_data("square.npz") +
                       "\"]\nrecipes = [" + recipes + "]\ndevices = [" + devices + "]\n" +
                       "[train]\nbatch = 16\nthreads = 1\nema_decay = 0.9\nepochs = " +
                       std::to_string(epochs) + "\n[measure]\nsamples = 1\n");
  return path;
}

// The study that $MOTE_STUDY_FILE names, one that succeeds; empty: the test makes its own.
inline std::string named_study() {
  const char* name = std::getenv("MOTE_STUDY_FILE");
  return name != nullptr ? name : "";
}

// A board whose compiler is nowhere.
inline std::string board_without_compiler(const std::string& folder) {
  const std::string path = folder + "board.toml";
  write_file(path,
             "name = \"board\"\ncore = \"cortex-m4\"\nflash_origin = 0\nflash_bytes = 1000000\n"
             "ram_origin = 536870912\nram_bytes = 100000\ncompiler = \"no-such-compiler\"\n");
  return "\"" + path + "\"";
}

// `mote study` in a process group of its own.
inline pid_t start_study(const std::string& file, const std::string& runs,
                         const std::vector<std::string>& options = {"-j", "2"}) {
  std::vector<std::string> words = {build_path("mote"), "study", file, "-o", runs, "--quiet"};
  words.insert(words.end(), options.begin(), options.end());
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

inline int wait_for(pid_t process) {
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  return status;
}

// Every file of that name, by its path below the folder.
inline std::map<std::string, Bytes> files_called(const std::string& runs, const std::string& name) {
  std::map<std::string, Bytes> files;
  for (const auto& entry : fs::recursive_directory_iterator(runs))
    if (entry.path().filename() == name)
      files[fs::relative(entry.path(), runs)] = read_file(entry.path());
  return files;
}

inline void expect_same_results(const std::string& runs, const std::string& expected) {
  for (const char* name : {kRecord, kModel, kPredictions}) {
    const auto files = files_called(runs, name);
    EXPECT_FALSE(files.empty()) << name;
    EXPECT_EQ(files, files_called(expected, name)) << name;
  }
}

}  // namespace mote::study
