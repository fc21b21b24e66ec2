// `mote study`: a grid of networks, data sets, recipes and devices, done by worker processes.
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <thread>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "study/estimate.h"
#include "study/local.h"
#include "study/manifest.h"
#include "study/plan.h"
#include "study/slurm.h"
#include "study/store.h"
#include "study/study_file.h"
#include "study/task.h"

namespace mote::cli {
namespace {

using study::Plan;
using study::Status;
using study::Store;
using study::Task;

struct StudyOptions : Common {
  std::string file, output;
  int32_t jobs = 1;
  bool dry_run = false;
  std::string executor = "local";
  study::SlurmOptions slurm;
  bool no_wait = false;
  bool jobs_given = false;
  std::string task, manifest;  // a worker's
  int32_t parent = 0;          // who started this worker
};

std::string_view name_of(Status status) {
  switch (status) {
    case Status::missing:
      return "missing";
    case Status::done:
      return "done";
    case Status::failed:
      return "failed";
  }
  return {};
}

std::string cell_text(const Task& task, const char* key) {
  if (!task.cell.contains(key)) return {};
  const study::Json& value = task.cell.at(key);
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string duration(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 1);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

// ---- a worker

// Ends with whoever started it, however that dies: nobody would hear of its result.
void end_with_parent(int32_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) std::raise(SIGKILL);  // it was quicker
}

// Temporary files lie in the task's folder, so that a killed worker leaves nothing elsewhere.
void keep_temporary_files_in(const Store& store, const std::string& task) {
  const std::string scratch = std::filesystem::absolute(store.file(task, study::kScratch));
  setenv("TMPDIR", scratch.c_str(), 1);
}

void tell(const study::TaskProgress& progress) {
  fmt::print("{:.4f} {}\n", progress.fraction, progress.note);
  std::fflush(stdout);
}

void check_outcome(study::Outcome outcome, const Store& store, const std::string& task) {
  switch (outcome) {
    case study::Outcome::done:
      return;
    case study::Outcome::busy:
      std::exit(study::kBusy);
    case study::Outcome::failed:
      throw Error(ErrorKind::some_failed, "the task failed", store.file(task, study::kRecord));
  }
}

void run_worker(const StudyOptions& options) {
  if (options.parent > 0) end_with_parent(options.parent);
  const Store store(options.output);
  keep_temporary_files_in(store, options.task);
  check_outcome(study::run_task(store, options.task, {std::max(options.threads, 1)}, tell), store,
                options.task);
}

// As Slurm starts it, for one element of a job array.
void run_element(const StudyOptions& options) {
  const char* index = std::getenv("SLURM_ARRAY_TASK_ID");
  if (!index)
    throw Error(ErrorKind::usage, "SLURM_ARRAY_TASK_ID is not set", options.manifest,
                "Slurm starts such workers: `mote study FILE -o RUNS --executor slurm`");
  const Store store(options.output);
  const study::Manifest manifest = study::read_manifest(options.manifest);
  const auto element = parse_number<int32_t>(index);
  if (!element)
    throw Error(ErrorKind::usage, fmt::format("SLURM_ARRAY_TASK_ID is '{}'", index),
                options.manifest, "Slurm numbers the elements of a job array");
  const std::string task = manifest.task(*element);
  keep_temporary_files_in(store, task);
  double told = -1;  // the job's log is a file that stays: a line per percent is enough
  const auto tell_seldom = [&](const study::TaskProgress& progress) {
    if (progress.fraction < told + 0.01) return;
    told = progress.fraction;
    tell(progress);
  };
  check_outcome(
      study::run_element(store, manifest, *element, {std::max(options.threads, 1)}, tell_seldom),
      store, task);
}

// As if the signal had never been caught.
[[noreturn]] void end_by(int signal) {
  std::raise(signal);
  std::exit(128 + signal);
}

// ---- the plan

Json task_fields(const Task& task, Status status) {
  return {{"hash", task.hash},
          {"task", study::name_of(task.kind)},
          {"cell", task.cell},
          {"status", name_of(status)}};
}

Json fields_of(const Plan& plan, const std::map<std::string, Status>& status) {
  Json tasks = Json::array();
  for (const Task& task : plan.tasks) tasks.push_back(task_fields(task, status.at(task.hash)));
  const auto count = [&](Status wanted) {
    return std::ranges::count_if(
        plan.cells, [&](const std::string& cell) { return status.at(cell) == wanted; });
  };
  return {{"cells", plan.cells.size()},
          {"done", count(Status::done)},
          {"failed", count(Status::failed)},
          {"tasks", tasks}};
}

void print_plan(const StudyOptions& options, const Plan& plan, const Store& store) {
  const study::Estimator estimator(plan, store);
  std::map<std::string, Status> status;
  for (const Task& task : plan.tasks) status[task.hash] = store.status(task.hash);
  Json fields = fields_of(plan, status);
  Table table(
      {"task", "network", "data", "seed", "recipe", "device", "hash", "state", "time (estimated)"});
  double seconds = 0;
  int64_t missing = 0;
  for (size_t i = 0; i < plan.tasks.size(); i++) {
    const Task& task = plan.tasks[i];
    const bool done = status[task.hash] == Status::done;
    const double own = done ? 0 : estimator.seconds(task);
    seconds += own;
    missing += !done;
    fields["tasks"][i]["seconds_estimated"] = own;
    table.add({std::string(study::name_of(task.kind)), cell_text(task, "network"),
               cell_text(task, "data"), cell_text(task, "seed"), cell_text(task, "recipe"),
               cell_text(task, "device"), task.hash, std::string(name_of(status[task.hash])),
               done ? "" : duration(own)});
  }
  fields["seconds_estimated"] = seconds / options.jobs;
  print_result(
      options, "study", fields,
      table.text() + fmt::format("\n{} cells, {} tasks, {} to do: about {} with {} worker{} "
                                 "(estimated; hours:minutes:seconds)\n",
                                 plan.cells.size(), plan.tasks.size(), missing,
                                 duration(seconds / options.jobs), options.jobs,
                                 options.jobs == 1 ? "" : "s"));
}

// ---- what came out

std::string bytes_text(const Json& firmware, const char* key) {
  return firmware.contains(key) && !firmware.at(key).is_null()
             ? grouped(firmware.at(key).get<int64_t>())
             : "-";
}

std::string fit_text(const Json& firmware) {
  if (firmware.at("fits") == true) return firmware.contains("not_run") ? "not run" : "yes";
  const int64_t flash = firmware.at("flash_over_bytes"), ram = firmware.at("ram_over_bytes");
  if (flash > 0) return fmt::format("{} B of flash too many", grouped(flash));
  return ram > 0 ? fmt::format("{} B of RAM too many", grouped(ram)) : "no room for the stack";
}

std::string results_table(const Plan& plan, const Store& store) {
  Table table({"network", "data", "seed", "recipe", "device", "top-1", "file (B)", "flash (B)",
               "RAM (B)", "instructions", "fits"});
  for (const std::string& hash : plan.cells) {
    const Task& task = plan.task(hash);
    std::vector<std::string> row;
    for (const char* key : {"network", "data", "seed", "recipe", "device"})
      row.push_back(cell_text(task, key));
    if (store.status(hash) == Status::done) {
      const Json result = store.record(hash)->at("result");
      const Json& firmware = result.at("firmware");
      row.insert(row.end(), {percent(result.at("evaluation").at("top1")),
                             grouped(result.at("model").at("file_bytes")),
                             bytes_text(firmware, "flash_bytes"), bytes_text(firmware, "ram_bytes"),
                             bytes_text(firmware, "instructions"), fit_text(firmware)});
    }
    table.add(row);
  }
  return table.text();
}

// What failed, and why; of those that lack something only how many.
std::string failures(const Plan& plan, const Store& store,
                     const std::map<std::string, Status>& status) {
  std::string text;
  for (const Task& task : plan.tasks) {
    if (status.at(task.hash) != Status::failed) continue;
    const auto record = store.record(task.hash);
    if (!record || !record->contains("error")) continue;
    const Json& error = record->at("error");
    const std::string where = error.value("where", "");
    text += fmt::format("failed: {} ({}): {}{}\n", task.title(), task.hash,
                        where.empty() ? "" : where + ": ", error.value("message", ""));
  }
  return text.empty() ? text : "\n" + text;
}

class Display {
 public:
  explicit Display(const Common& common) : lines_(common) {}

  void show(const study::Standing& standing) {
    const double fraction =
        standing.work_total > 0 ? standing.work_done / standing.work_total : 1.0;
    const auto end = std::time(nullptr) + static_cast<std::time_t>(standing.seconds_left);
    std::vector<std::string> lines{fmt::format(
        "study {}  {} of {} tasks{}, about {} left, until {:%H:%M}", bar(fraction), standing.done,
        standing.tasks, standing.failed ? fmt::format(", {} failed", standing.failed) : "",
        duration(standing.seconds_left), fmt::localtime(end))};
    for (const study::Running& running : standing.running)
      lines.push_back(fmt::format("  {} {:3.0f} %  {}", running.task->title(),
                                  100 * running.fraction, running.note));
    if (!standing.note.empty()) lines.push_back("  " + standing.note);
    lines_.show(lines);
  }

 private:
  ProgressLines lines_;
};

void print_study(const StudyOptions& options, const Plan& plan, const Store& store,
                 const study::StudyResult& result) {
  print_result(options, "study", fields_of(plan, result.status),
               results_table(plan, store) + failures(plan, store, result.status));
  const auto count = [&](Status status) {
    return std::ranges::count_if(result.status,
                                 [&](const auto& entry) { return entry.second == status; });
  };
  if (const auto failed = count(Status::failed); failed > 0)
    throw Error(ErrorKind::some_failed,
                fmt::format("{} of {} tasks failed", failed, plan.tasks.size()), store.root(),
                "their records say why; the next start tries them again");
  if (const auto missing = count(Status::missing); missing > 0)
    throw Error(ErrorKind::some_failed,
                fmt::format("{} of {} tasks were cancelled", missing, plan.tasks.size()),
                store.root(), "the next start does them");
}

void run_here(const StudyOptions& options, const Plan& plan, const Store& store) {
  const auto cores = static_cast<int32_t>(std::thread::hardware_concurrency());
  const int32_t threads = options.threads > 0 ? options.threads : std::max(1, cores / options.jobs);
  const std::vector<std::string> worker = {"/proc/self/exe", "study",
                                           "--output",       store.root(),
                                           "--threads",      std::to_string(threads),
                                           "--parent",       std::to_string(getpid()),
                                           "--task"};
  study::StudyResult result;
  {
    Display display(options);
    result = study::run_local(plan, store, {options.jobs, worker},
                              [&](const study::Standing& standing) { display.show(standing); });
  }
  if (result.interrupted_by != 0) end_by(result.interrupted_by);
  print_study(options, plan, store, result);
}

void print_submission(const StudyOptions& options, const Plan& plan, const Store& store,
                      const study::Submission& submission) {
  std::map<std::string, Status> status;
  for (const Task& task : plan.tasks) status[task.hash] = store.status(task.hash);
  Json fields = fields_of(plan, status);
  fields["submitted"] = submission.tasks;
  fields["jobs"] = submission.jobs;
  const size_t queued = submission.places.size() - submission.tasks;
  print_result(options, "study", fields,
               fmt::format("{} tasks submitted{}{}, {} already with Slurm, {} of {} cells done\n",
                           submission.tasks, submission.jobs.empty() ? "" : " as jobs ",
                           fmt::join(submission.jobs, ", "), queued, fields["done"].get<size_t>(),
                           plan.cells.size()));
}

void run_with_slurm(const StudyOptions& options, const Plan& plan, const Store& store) {
  study::SlurmOptions slurm = options.slurm;
  slurm.program = std::filesystem::read_symlink("/proc/self/exe");
  slurm.threads = std::max(options.threads, 1);
  slurm.at_once = options.jobs_given ? options.jobs : 0;
  const study::Submission submission = study::submit_study(plan, store, slurm);
  if (options.no_wait) return print_submission(options, plan, store, submission);
  study::StudyResult result;
  {
    Display display(options);
    result = study::await_study(plan, store, submission, {},
                                [&](const study::Standing& standing) { display.show(standing); });
  }
  if (result.interrupted_by != 0) {
    if (!options.quiet)
      fmt::print(stderr,
                 "mote: the jobs go on; the same command watches them again (`squeue --me` lists "
                 "them, `scancel` ends them)\n");
    end_by(result.interrupted_by);
  }
  print_study(options, plan, store, result);
}

// Without a slash at its end: the same folder has one name.
std::string absolute_path(const std::string& path) {
  const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

void run(const StudyOptions& options) {
  if (!options.task.empty()) return run_worker(options);
  if (!options.manifest.empty()) return run_element(options);
  if (options.file.empty())
    throw Error(ErrorKind::usage, "a study's file is missing", "", "see `mote study --help`");
  const Plan plan = study::make_plan(study::read_study(options.file));
  const bool slurm = options.executor == "slurm";
  const Store store(slurm ? absolute_path(options.output) : options.output);
  if (options.dry_run) return print_plan(options, plan, store);
  slurm ? run_with_slurm(options, plan, store) : run_here(options, plan, store);
}

void add_slurm_options(CLI::App* verb, StudyOptions& options) {
  study::SlurmOptions& slurm = options.slurm;
  verb->add_option("--executor", options.executor, "Who runs the tasks: processes here, or Slurm")
      ->check(CLI::IsMember({"local", "slurm"}))
      ->capture_default_str();
  verb->add_option("--partition", slurm.partition, "Slurm: partition");
  verb->add_option("--time", slurm.time, "Slurm: time limit of a task, such as 4:00:00");
  verb->add_option("--memory", slurm.memory, "Slurm: memory of a task, such as 8G");
  verb->add_option("--cpus", slurm.cpus,
                   "Slurm: processors of a task; default: as many as it has threads")
      ->check(CLI::Range(1, 1024));
  verb->add_option("--sbatch", slurm.sbatch, "Slurm: a further option of sbatch, may be repeated")
      ->allow_extra_args(false);
  verb->add_flag("--no-wait", options.no_wait, "Slurm: submit, and do not wait for the tasks");
}

}  // namespace

void add_study(CLI::App& app) {
  auto options = std::make_shared<StudyOptions>();
  CLI::App* verb = add_verb(app, "study", "Runs a grid of networks, data, recipes and devices",
                            "mote study examples/studies/demo.toml -o runs --dry-run\n"
                            "mote study examples/studies/demo.toml -o runs -j 2\n"
                            "mote study examples/studies/four-techniques.toml -o runs --executor "
                            "slurm --time 4:00:00",
                            *options);
  verb->add_option("FILE", options->file, "The study, a .toml (docs/studies.md)");
  verb->add_option("-o,--output", options->output,
                   "The folder of results; what it has already is not done again")
      ->required();
  verb->add_option("-j,--jobs", options->jobs,
                   "Tasks at a time; with Slurm, of a job array, all that it runs unless given")
      ->each([options = options.get()](const std::string&) { options->jobs_given = true; })
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  verb->add_flag("--dry-run", options->dry_run, "Show the plan and do nothing");
  add_slurm_options(verb, *options);
  // For workers, which are this program too.
  verb->add_option("--task", options->task)->group("");
  verb->add_option("--manifest", options->manifest)->group("");
  verb->add_option("--parent", options->parent)->group("");
  on_run(verb, options, run);
}

}  // namespace mote::cli
