// With stand-ins for Slurm's commands that note how they were called and say what they are told to.
#include "study/slurm.h"

#include <csignal>
#include <set>

#include "base/process.h"
#include "study/local.h"
#include "study/manifest.h"
#include "study/slurm_commands.h"
#include "tests/support/run_mote.h"
#include "tests/support/small_study.h"

namespace mote::study {
namespace {

// sbatch, squeue and scontrol in a folder of the test, before the others in PATH.
class Slurm : public ::testing::Test {
 protected:
  Slurm() : path_(std::getenv("PATH")), folder_(test_folder()) {
    ::setenv("PATH", (folder_ + "bin:" + path_).c_str(), 1);
    fs::create_directories(folder_ + "bin");
    // Each job has the next number.
    command("sbatch", "echo \"$@\" >> " + folder_ + "calls; echo $((99 + $(wc -l < " + folder_ +
                          "calls)))\n");
    command("squeue", "cat " + folder_ + "queue 2>/dev/null; true\n");
    command("scontrol", "case $* in 'show config') echo 'MaxArraySize            = 3' ;; *) cat " +
                            folder_ + "states/$3 ;; esac\n");
    fs::create_directories(folder_ + "states");
    plan_ = make_plan(read_study(study_file(folder_, "\"zoo:custom?width=0.1\", \"zoo:lenet5\"",
                                            board_without_compiler(folder_))));
  }
  ~Slurm() override { ::setenv("PATH", path_.c_str(), 1); }

  void command(const std::string& name, const std::string& script) {
    const std::string path = folder_ + "bin/" + name;
    write_file(path, "#!/bin/sh\n" + script);
    fs::permissions(path, fs::perms::owner_all);
  }
  std::vector<std::string> calls() const {
    std::istringstream lines(fs::exists(folder_ + "calls") ? text_of_file(folder_ + "calls") : "");
    std::vector<std::string> result;
    for (std::string line; std::getline(lines, line);) result.push_back(line);
    return result;
  }
  // What squeue says: "JOB|INDEX|NAME|STATE|REASON" lines.
  void queue(const std::string& lines) { write_file(folder_ + "queue", lines); }
  void state(const std::string& job, const std::string& state) {
    write_file(folder_ + "states/" + job, "JobId=7\n   JobState=" + state + " Reason=None\n");
  }
  const Task& task(TaskKind kind, size_t n = 0) const {
    for (const Task& task : plan_.tasks)
      if (task.kind == kind && n-- == 0) return task;
    throw Error(ErrorKind::internal, "no such task");
  }
  // As a worker would leave it; the model is any file.
  void finish(const Task& task) const {
    store_.write_task(task);
    write_file(store_.file(task.hash, kModel), "");
    store_.write_record(task, done_record(task, {{"model_sha256", ""}}));
  }
  Submission submit() const { return submit_study(plan_, store_, options_); }
  StudyResult await(const Submission& submission) const {
    return await_study(plan_, store_, submission,
                       {std::chrono::seconds(0), std::chrono::seconds(0), std::chrono::seconds(0)});
  }

  const std::string path_, folder_;
  Plan plan_;
  const Store store_{folder_ + "runs"};
  SlurmOptions options_{.partition = "p",
                        .time = "4:00:00",
                        .memory = "8G",
                        .cpus = 0,
                        .threads = 1,
                        .at_once = 5,
                        .sbatch = {"--qos=q"},
                        .program = "/opt/mote's"};
};

void expect_contains(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), text.npos) << "'" << part << "' is not in: " << text;
}

TEST_F(Slurm, SubmitsArraysThatWaitForWhatTheyNeed) {
  const Submission submission = submit();
  EXPECT_EQ(submission.tasks, plan_.tasks.size());
  // 2 trainings; 4 times compress and measure, in arrays of 3.
  ASSERT_EQ(submission.jobs, (std::vector<std::string>{"100", "101", "102", "103", "104"}));
  const std::vector<std::string> lines = calls();
  for (const std::string& line : lines) {
    for (const char* option : {"--parsable ", "--requeue", "--open-mode=append", "--partition=p",
                               "--time=4:00:00", "--mem=8G", "--qos=q", "--job-name=mote-"})
      expect_contains(line, option);
    EXPECT_NE(line.find("--array=0-"), line.npos);
  }
  expect_contains(lines[0], "--array=0-1%5");
  EXPECT_EQ(lines[0].find("--dependency"), std::string::npos);
  expect_contains(lines[1], "--array=0-2%5");
  expect_contains(lines[1], "--dependency=afterany:100 ");
  expect_contains(lines[2], "--array=0-0%5");
  expect_contains(lines[3], "--dependency=afterany:100:101");
  // What a node reads, and the script that starts it.
  const auto manifest = find_manifest(store_, lines[0].substr(lines[0].find("mote-"), 21));
  ASSERT_TRUE(manifest);
  EXPECT_EQ(manifest->tasks,
            (std::vector<std::string>{task(TaskKind::train).hash, task(TaskKind::train, 1).hash}));
  EXPECT_EQ(store_.read_task(manifest->task(1)).hash, manifest->task(1));
  expect_contains(text_of_file(manifest->file(store_, ".sh")), "exec '/opt/mote'\\''s' study");
}

TEST_F(Slurm, ItsScriptsWorkInFoldersOfAnyName) {
  const std::string strange = folder_ + "a b,c;\u00fc$(x)'\"%j";
  fs::create_directories(strange);
  options_.program = strange + "/mote";
  write_file(options_.program, std::string_view("#!/bin/sh\nprintf '%s\\n' \"$0\" \"$@\"\n"));
  fs::permissions(options_.program, fs::perms::owner_all);
  const Store store(strange + "/runs");
  submit_study(plan_, store, options_);
  const std::string call = calls().at(0), script = ".sh";
  const size_t begin = call.rfind("/runs/slurm/");
  const std::string path = strange + call.substr(begin);
  EXPECT_NE(call.find("--output=" + folder_ + "a b,c;\u00fc$(x)'\"%%j/runs/slurm/"), call.npos)
      << call;
  const ProcessResult said = run_process({"sh", path});
  std::istringstream lines(said.output);
  std::vector<std::string> words;
  for (std::string line; std::getline(lines, line);) words.push_back(line);
  const std::string manifest = path.substr(0, path.size() - script.size()) + ".json";
  EXPECT_EQ(words, (std::vector<std::string>{options_.program, "study", "--output", store.root(),
                                             "--threads", "1", "--manifest", manifest}));
  EXPECT_THROW(submit_study(plan_, Store(folder_ + "a\\b"), options_), Error);
}

TEST_F(Slurm, AsksForTheProcessorsOfTheTraining) {
  for (Task& task : plan_.tasks)
    if (task.kind == TaskKind::train) task.inputs["training"]["threads"] = 6;
  submit();
  expect_contains(calls()[0], "--cpus-per-task=6");
  expect_contains(calls()[1], "--cpus-per-task=1");
}

TEST_F(Slurm, SubmitsNothingThatIsDoneOrQueued) {
  finish(task(TaskKind::train));
  const Submission first = submit();
  EXPECT_EQ(first.tasks, plan_.tasks.size() - 1);
  const SlurmPlace& place = first.places.at(task(TaskKind::train, 1).hash);
  const std::string name = calls()[0].substr(calls()[0].find("mote-"), 21);
  queue("slurm_load: a warning\n" + place.job + "|0|" + name +
        "|RUNNING|None\n9|0|another|RUNNING|None\n9|N/A|x|RUNNING|None\n");
  const Submission second = submit();
  EXPECT_EQ(second.tasks, plan_.tasks.size() - 2);
  EXPECT_EQ(second.places.at(task(TaskKind::train, 1).hash).job, place.job);
  expect_contains(calls().at(first.jobs.size()), "--dependency=afterany:" + place.job + " ");
}

TEST_F(Slurm, WhatSbatchSaysIsAnErrorWithTheRemedy) {
  command("sbatch",
          "echo 'sbatch: error: invalid partition specified: p' >&2\n"
          "echo 'sbatch: error: Batch job submission failed: Invalid partition name specified' "
          ">&2\nexit 1\n");
  try {
    submit();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_EQ(error.where, "sbatch");
    expect_contains(error.message, "Invalid partition name");
    expect_contains(error.hint, "--partition");
  }
  command("sbatch", "[ ! -e " + folder_ +
                        "calls ] || { echo 'Job violates accounting/QOS policy'; exit 1; }\n"
                        "echo 17 | tee " +
                        folder_ + "calls\n");
  try {
    submit();
    FAIL() << "no error";
  } catch (const Error& error) {
    expect_contains(error.message, "2 tasks were submitted before that and go on (jobs 17)");
    expect_contains(error.hint, "start the study again");
  }
}

TEST_F(Slurm, KnowsWhatToDoAboutItsMessages) {
  for (const auto& [message, remedy] : std::vector<std::pair<std::string, std::string>>{
           {"Batch job submission failed: Unable to contact slurm controller", "scontrol ping"},
           {"sbatch: error: s_p_parse_file: cannot stat file /etc/slurm/slurm.conf", "SLURM_CONF"},
           {"Requested time limit is invalid (missing or exceeds some limit)", "--time"},
           {"Memory specification can not be satisfied", "--memory"},
           {"Requested node configuration is not available", "--cpus"},
           {"Invalid account or account/partition combination specified", "--account"}})
    expect_contains(remedy_for(message), remedy);
  EXPECT_EQ(remedy_for("something else"), "");
}

TEST_F(Slurm, AJobThatEndsWithoutARecordIsAFailedTask) {
  const Submission submission = submit();
  finish(task(TaskKind::train));
  const SlurmPlace& place = submission.places.at(task(TaskKind::train, 1).hash);
  state(place.job + "_1", "TIMEOUT");
  const SlurmPlace& cancelled = submission.places.at(task(TaskKind::compress).hash);
  state(cancelled.job + "_0", "CANCELLED");
  const StudyResult result = await(submission);
  EXPECT_EQ(result.status.at(task(TaskKind::train).hash), Status::done);
  EXPECT_EQ(result.status.at(task(TaskKind::train, 1).hash), Status::failed);
  EXPECT_EQ(result.status.at(task(TaskKind::compress).hash), Status::missing);
  EXPECT_EQ(store_.status(task(TaskKind::compress).hash), Status::missing);
  const Json record = *store_.record(task(TaskKind::train, 1).hash);
  EXPECT_EQ(record.at("error").at("message"),
            "job " + place.job + "_1 ended without a result: TIMEOUT");
  expect_contains(record.at("error").at("hint"), "--time");
}

TEST_F(Slurm, ShowsWhatRunsAndWhyTheRestWaits) {
  const Submission submission = submit();
  const SlurmPlace& place = submission.places.at(task(TaskKind::train).hash);
  write_file(place.log, "0.25 epoch 1 of 4\n0.5 epoch 2 of 4\n0.7");
  queue(place.job + "|0|mote|RUNNING|None\n" + place.job + "|1|mote|PENDING|Resources\n");
  Standing seen;
  await_study(plan_, store_, submission,
              {std::chrono::seconds(0), std::chrono::seconds(0), std::chrono::hours(1)},
              [&](const Standing& standing) {
                seen = standing;
                std::raise(SIGTERM);
              });
  ASSERT_EQ(seen.running.size(), 1u);
  EXPECT_EQ(seen.running[0].task->hash, task(TaskKind::train).hash);
  EXPECT_EQ(seen.running[0].fraction, 0.5);
  EXPECT_EQ(seen.running[0].note, "epoch 2 of 4");
  EXPECT_EQ(seen.note, "waiting with Slurm: 1 (Resources)");
}

TEST_F(Slurm, CtrlCEndsTheWatchingOnly) {
  const Submission submission = submit();
  const SlurmPlace& place = submission.places.at(task(TaskKind::train).hash);
  queue(place.job + "|0|mote|RUNNING|None\n");
  const StudyResult result =
      await_study(plan_, store_, submission,
                  {std::chrono::seconds(0), std::chrono::seconds(0), std::chrono::hours(1)},
                  [](const Standing&) { std::raise(SIGTERM); });
  EXPECT_EQ(result.interrupted_by, SIGTERM);
  for (const auto& [hash, status] : result.status) EXPECT_EQ(status, Status::missing);
}

TEST_F(Slurm, AnElementThatLacksAResultRecordsIt) {
  const Manifest manifest = write_manifest(store_, {&task(TaskKind::compress)});
  const Task& train = task(TaskKind::train);
  store_.write_task(train);
  EXPECT_EQ(run_element(store_, manifest, 0), Outcome::failed);
  EXPECT_EQ(store_.record(manifest.task(0))->at("error").at("message"),
            "lacks " + train.hash + " (" + train.title() + "), which failed");
  EXPECT_THROW(run_element(store_, manifest, 1), Error);
  // Submitted again, the failure is forgotten.
  write_manifest(store_, {&task(TaskKind::compress)});
  EXPECT_EQ(store_.status(manifest.task(0)), Status::missing);
}

TEST_F(Slurm, DamagedManifestsAreErrors) {
  const Manifest manifest = write_manifest(store_, {&task(TaskKind::train)});
  const std::string path = manifest.file(store_, ".json");
  EXPECT_EQ(read_manifest(path).tasks, manifest.tasks);
  for (const char* text : {"", "{", "{}", "[]", "{\"schema\": \"mote.manifest/1\"}",
                           "{\"schema\": \"mote.manifest/1\", \"tasks\": [1]}"}) {
    write_file(path, std::string_view(text));
    EXPECT_THROW(read_manifest(path), Error) << text;
  }
}

}  // namespace
}  // namespace mote::study
