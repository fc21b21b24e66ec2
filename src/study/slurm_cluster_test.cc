// A study on a real Slurm, started by the test: three nodes on this machine, one of which dies.
// $MOTE_STUDY_FILE may name another study than its own.
#include <chrono>
#include <csignal>
#include <optional>
#include <sstream>
#include <thread>

#include "tests/support/emulator.h"
#include "tests/support/run_mote.h"
#include "tests/support/slurm_cluster.h"
#include "tests/support/small_study.h"

namespace mote::study {
namespace {

using testing::output_of;
using testing::SlurmCluster;

struct Job {
  std::string id, index, state, reason, node;
};

std::vector<Job> jobs() {
  std::vector<Job> list;
  std::istringstream lines(
      output_of("squeue --noheader --array --format='%F %K %T %r %N' 2>/dev/null"));
  for (std::string line; std::getline(lines, line);) {
    Job job;
    std::istringstream(line) >> job.id >> job.index >> job.state >> job.reason >> job.node;
    list.push_back(job);
  }
  return list;
}

// The node of a training that has got somewhere and has far to go.
std::optional<std::string> training_node(const std::string& runs) {
  for (const auto& entry : fs::directory_iterator(runs))
    if (fs::exists(entry.path() / kCheckpoint))
      for (const Job& job : jobs())
        if (job.state == "RUNNING") return job.node;
  return {};
}

// Slurm holds a job back for two minutes when its node has died; an operator does not wait.
bool release_requeued() {
  bool released = false;
  for (const Job& job : jobs())
    if (job.reason == "BeginTime")
      released |=
          std::system(
              ("scontrol update StartTime=now JobId=" + job.id + "_" + job.index).c_str()) == 0;
  return released;
}

// Whether a process ends within eight minutes; killed otherwise.
std::optional<int> ended(pid_t process, const std::function<void()>& meanwhile) {
  for (int i = 0; i < 2400; i++) {
    int status = 0;
    if (waitpid(process, &status, WNOHANG) == process) return status;
    meanwhile();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  kill(-process, SIGKILL);
  wait_for(process);
  return {};
}

TEST(SlurmCluster, GivesTheSameRecordsThoughANodeDies) {
  const std::string why_not = testing::no_slurm_because();
  if (!why_not.empty()) GTEST_SKIP() << why_not;
  MOTE_SKIP_WITHOUT_EMULATOR();
  const std::string folder = test_folder(), runs = folder + "runs";
  SlurmCluster cluster(folder + "slurm");
  ASSERT_TRUE(cluster.ready()) << cluster.said();
  std::string file = named_study();
  const bool named = !file.empty();
  if (!named)  // some of it fails, and is to fail in the same way
    file = study_file(folder, "\"zoo:custom?width=0.1\", \"zoo:lenet5\"",
                      "\"mps2-an386\", " + board_without_compiler(folder), 150,
                      "\"int8\", " + pruning_recipes(folder));
  const int expected = named ? 0 : 6;

  const std::vector<std::string> options = {"--executor",  "slurm", "--cpus", "1",
                                            "--partition", "main",  "--time", "10"};
  const pid_t study = start_study(file, runs, options);
  std::string killed;
  bool requeued = false;
  const std::optional<int> status = ended(study, [&] {
    requeued |= !killed.empty() && release_requeued();
    if (!killed.empty() || !fs::exists(runs)) return;
    const std::optional<std::string> node = training_node(runs);
    if (!node) return;
    killed = *node;
    cluster.kill_node(killed);
  });
  ASSERT_TRUE(status) << output_of("squeue; sinfo");
  EXPECT_EQ(WEXITSTATUS(*status), expected) << "6: the board without a compiler";
  EXPECT_TRUE(requeued) << "no job was on the node " << killed;
  ASSERT_EQ(WEXITSTATUS(wait_for(start_study(file, folder + "local"))), expected);
  expect_same_results(runs, folder + "local");
  if (named) return;

  // Started again, it submits what failed and nothing else.
  std::vector<std::string> again = {"study",          file, "-o", runs, "--json", "--no-wait",
                                    "--sbatch=--hold"};  // they stay there
  again.insert(again.end(), options.begin(), options.end());
  const nlohmann::json json = run_mote(again).json();
  EXPECT_EQ(json.at("submitted"), 6);
  EXPECT_EQ(json.at("jobs").size(), 3u) << "the cluster's arrays have two elements at most";
  EXPECT_EQ(run_mote(again).json().at("submitted"), 0) << "Slurm has them already";
}

}  // namespace
}  // namespace mote::study
