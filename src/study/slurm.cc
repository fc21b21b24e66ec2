#include "study/slurm.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/file.h"
#include "study/manifest.h"
#include "study/slurm_commands.h"

namespace mote::study {
namespace {

using Clock = std::chrono::steady_clock;

constexpr TaskKind kStages[] = {TaskKind::train, TaskKind::import_model, TaskKind::compress,
                                TaskKind::measure};

// A word of a shell script.
std::string quoted(const std::string& text) {
  std::string result(1, '\'');
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

// In names of files % begins a pattern of sbatch; a backslash anywhere ends all patterns, and there
// is no way to write one.
std::string literal(const std::string& path) {
  if (path.find('\\') != path.npos)
    throw Error(ErrorKind::usage, "Slurm writes no logs to a path with a backslash", path,
                "name another folder");
  std::string result;
  for (const char c : path) result += c == '%' ? "%%" : std::string(1, c);
  return result;
}

SlurmPlace place_of(const Store& store, const Manifest& manifest, const std::string& job,
                    size_t index) {
  return {job, static_cast<int32_t>(index), manifest.file(store, fmt::format("-{}.log", index))};
}

class Submitter {
 public:
  Submitter(const Plan& plan, const Store& store, const SlurmOptions& options)
      : plan_(plan), store_(store), options_(options) {}

  Submission submit() {
    const std::set<std::string> done = done_tasks(plan_, store_);
    if (done.size() == plan_.tasks.size()) return {};
    find_queued();
    const auto limit = static_cast<size_t>(max_array_size());
    for (const TaskKind stage : kStages) {
      std::vector<const Task*> tasks;
      for (const Task& task : plan_.tasks)
        if (task.kind == stage && !done.contains(task.hash) &&
            !submission_.places.contains(task.hash))
          tasks.push_back(&task);
      for (size_t begin = 0; begin < tasks.size(); begin += limit)
        submit_array(
            {tasks.begin() + static_cast<ptrdiff_t>(begin),
             tasks.begin() + static_cast<ptrdiff_t>(std::min(begin + limit, tasks.size()))});
    }
    return std::move(submission_);
  }

 private:
  // What an earlier start has submitted, and Slurm still has.
  void find_queued() {
    for (const QueuedElement& element : queued_elements()) {
      const std::optional<Manifest> manifest = find_manifest(store_, element.name);
      const auto index = static_cast<size_t>(element.index);
      if (!manifest || element.index < 0 || index >= manifest->tasks.size()) continue;
      submission_.places[manifest->tasks[index]] = place_of(store_, *manifest, element.job, index);
    }
  }

  void submit_array(const std::vector<const Task*>& tasks) {
    const Manifest manifest = write_manifest(store_, tasks);
    const std::string script = manifest.file(store_, ".sh");
    write_file(script, fmt::format("#!/bin/sh\nexec {} study --output {} --threads {} --manifest "
                                   "{}\n",
                                   quoted(options_.program), quoted(store_.root()),
                                   options_.threads, quoted(manifest.file(store_, ".json"))));
    std::vector<std::string> arguments = arguments_for(manifest, tasks);
    arguments.push_back(script);
    const std::string job = submit_told(arguments);
    submission_.jobs.push_back(job);
    submission_.tasks += tasks.size();
    for (size_t i = 0; i < tasks.size(); i++)
      submission_.places[tasks[i]->hash] = place_of(store_, manifest, job, i);
  }

  // An error says also what has been submitted before it.
  std::string submit_told(const std::vector<std::string>& arguments) const {
    try {
      return submit_job(arguments);
    } catch (const Error& error) {
      if (submission_.jobs.empty()) throw;
      throw Error(error.kind,
                  fmt::format("{}; {} tasks were submitted before that and go on (jobs {})",
                              error.message, submission_.tasks, fmt::join(submission_.jobs, ", ")),
                  error.where, error.hint);
    }
  }

  std::vector<std::string> arguments_for(const Manifest& manifest,
                                         const std::vector<const Task*>& tasks) const {
    std::vector<std::string> arguments{
        "--job-name=" + manifest.job_name(),
        fmt::format("--array=0-{}{}", tasks.size() - 1,
                    options_.at_once > 0 ? fmt::format("%{}", options_.at_once) : ""),
        "--requeue",
        "--open-mode=append",  // of a task that was requeued
        "--output=" + literal(manifest.file(store_, "-")) + "%a.log",
        fmt::format("--cpus-per-task={}", cpus_for(tasks))};
    const auto add = [&](const char* option, const std::string& value) {
      if (!value.empty()) arguments.push_back(std::string(option) + value);
    };
    add("--partition=", options_.partition);
    add("--time=", options_.time);
    add("--mem=", options_.memory);
    add("--dependency=afterany:", fmt::format("{}", fmt::join(jobs_before(tasks), ":")));
    arguments.insert(arguments.end(), options_.sbatch.begin(), options_.sbatch.end());
    return arguments;
  }

  // afterany, not afterok: one task that fails must not keep the others of its array's followers.
  std::set<std::string> jobs_before(const std::vector<const Task*>& tasks) const {
    std::set<std::string> jobs;
    for (const Task* task : tasks)
      for (const std::string& need : task->needs)
        if (const auto place = submission_.places.find(need); place != submission_.places.end())
          jobs.insert(place->second.job);
    return jobs;
  }

  int32_t cpus_for(const std::vector<const Task*>& tasks) const {
    if (options_.cpus > 0) return options_.cpus;
    int32_t cpus = options_.threads;
    for (const Task* task : tasks)
      if (task->kind == TaskKind::train)
        cpus = std::max(cpus, task->inputs.at("training").value("threads", 1));
    return cpus;
  }

  const Plan& plan_;
  const Store& store_;
  const SlurmOptions& options_;
  Submission submission_;
};

// The end of a file that grows.
std::string tail_of(const std::string& path) {
  constexpr std::streamoff kBytes = 1000;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  file.seekg(std::max<std::streamoff>(file.tellg() - kBytes, 0));
  return {std::istreambuf_iterator<char>(file), {}};
}

class Watcher {
 public:
  Watcher(const Plan& plan, const Store& store, const Submission& submission,
          const WatchOptions& options)
      : plan_(plan),
        store_(store),
        submission_(submission),
        options_(options),
        estimator_(plan, store) {
    for (const Task& task : plan.tasks)
      if (!submission.places.contains(task.hash)) ended_[task.hash] = store.status(task.hash);
  }

  StudyResult run(const StandingCallback& progress) {
    const StopOnSignals signals;
    const Clock::time_point start = Clock::now();
    while (signals.asked() == 0 && ended_.size() < plan_.tasks.size()) {
      look();
      if (progress) progress(standing());
      const Clock::duration pause =
          std::max<Clock::duration>((Clock::now() - start) / 50, options_.shortest);
      const auto next = Clock::now() + std::min<Clock::duration>(pause, options_.longest);
      while (signals.asked() == 0 && Clock::now() < next)
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    StudyResult result{{}, signals.asked()};
    for (const Task& task : plan_.tasks) {
      const auto status = ended_.find(task.hash);
      result.status[task.hash] = status == ended_.end() ? Status::missing : status->second;
    }
    return result;
  }

 private:
  struct Element {
    std::string state, reason;
  };

  void look() {
    std::map<std::pair<std::string, int32_t>, Element> queue;
    if (!ask(queue)) return;
    elements_.clear();
    for (const Task& task : plan_.tasks) {
      if (ended_.contains(task.hash)) continue;
      const SlurmPlace& place = submission_.places.at(task.hash);
      const auto element = queue.find({place.job, place.index});
      if (element != queue.end())
        elements_[task.hash] = element->second;
      else
        settle(task, place);
    }
  }

  // Slurm may be restarted while we watch: only lasting silence is an error.
  bool ask(std::map<std::pair<std::string, int32_t>, Element>& queue) {
    constexpr int kPatience = 20;
    try {
      for (const QueuedElement& element : queued_elements())
        queue[{element.job, element.index}] = {element.state, element.reason};
      silent_ = 0;
      return true;
    } catch (const Error&) {
      if (++silent_ >= kPatience) throw;
      return false;
    }
  }

  // The job is not in the queue any more.
  void settle(const Task& task, const SlurmPlace& place) {
    if (const Status status = store_.status(task.hash); status != Status::missing) {
      ended_[task.hash] = status;
      if (const auto timing = store_.timing(task.hash); timing && status == Status::done)
        estimator_.learn(task, *timing);
      return;
    }
    const std::string state = state_of(place.job, place.index);
    const Clock::time_point gone = gone_.emplace(task.hash, Clock::now()).first->second;
    if (state == "CANCELLED") {
      ended_[task.hash] = Status::missing;
    } else if (is_lost(state) || Clock::now() - gone > options_.record_delay) {
      ended_[task.hash] = Status::failed;
      record_failure(store_, task, lost(place, state));
    }
  }

  // Ended by Slurm, without a word of its own; in other states a record may be on its way.
  static bool is_lost(const std::string& state) {
    constexpr std::string_view kLost[] = {"TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL", "BOOT_FAIL",
                                          "DEADLINE"};
    return std::ranges::find(kLost, state) != std::end(kLost);
  }
  static Error lost(const SlurmPlace& place, const std::string& state) {
    return {ErrorKind::internal,
            fmt::format("job {}_{} ended without a result{}{}", place.job, place.index,
                        state.empty() ? "" : ": ", state),
            place.log, "it may need more --time or --memory; started again, it goes on"};
  }

  Standing standing() {
    Standing standing;
    std::map<std::string, size_t> waiting;  // by reason
    for (const Task& task : plan_.tasks) {
      const auto element = elements_.find(task.hash);
      if (element == elements_.end()) continue;
      if (element->second.state == "PENDING") {
        waiting[element->second.reason]++;
        continue;
      }
      Running running{&task, 0, {}, 0};
      running.hear(tail_of(submission_.places.at(task.hash).log));
      standing.running.push_back(running);
    }
    for (const auto& [reason, count] : waiting)
      standing.note += fmt::format(
          "{}{} ({})", standing.note.empty() ? "waiting with Slurm: " : ", ", count, reason);
    standing.estimate(plan_, ended_, estimator_,
                      std::max<double>(1, static_cast<double>(standing.running.size())));
    return standing;
  }

  const Plan& plan_;
  const Store& store_;
  const Submission& submission_;
  const WatchOptions& options_;
  Estimator estimator_;
  std::map<std::string, Status> ended_;
  std::map<std::string, Element> elements_;        // of tasks that Slurm has, at the last look
  std::map<std::string, Clock::time_point> gone_;  // without a record, since when
  int silent_ = 0;
};

}  // namespace

Submission submit_study(const Plan& plan, const Store& store, const SlurmOptions& options) {
  return Submitter(plan, store, options).submit();
}

StudyResult await_study(const Plan& plan, const Store& store, const Submission& submission,
                        const WatchOptions& options, const StandingCallback& progress) {
  return Watcher(plan, store, submission, options).run(progress);
}

}  // namespace mote::study
