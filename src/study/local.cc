#include "study/local.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/error.h"

extern char** environ;

namespace mote::study {
namespace {

// A process that does one task. It is a program started anew and no fork of ours: libtorch and
// OpenBLAS have started threads in us, which a fork would not have, and a cluster starts its
// workers in the same way.
class Worker {
 public:
  Worker(const Task& task, const std::string& log, std::vector<std::string> command)
      : running_{&task, 0, {}, 0} {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
      throw Error(ErrorKind::internal, std::string("no pipe: ") + std::strerror(errno));
    output_ = ends[0];
    fcntl(output_, F_SETFL, O_NONBLOCK);
    command.push_back(task.hash);
    start(command, ends[1], log);
    close(ends[1]);
  }
  ~Worker() {
    if (process_ > 0) end(SIGKILL);
    close(output_);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  const Task& task() const { return *running_.task; }
  const Running& running() const { return running_; }
  int output() const { return output_; }

  // Reads what the worker has said.
  void listen() {
    char buffer[4096];
    for (ssize_t count; (count = read(output_, buffer, sizeof buffer)) > 0;)
      text_.append(buffer, static_cast<size_t>(count));
    running_.hear(text_);
    text_.erase(0, text_.rfind('\n') + 1);  // npos + 1 is 0
  }

  // Its exit status as waitpid gives it, once it has ended.
  std::optional<int> ended() {
    int status = 0;
    if (waitpid(process_, &status, WNOHANG) != process_) return std::nullopt;
    process_ = 0;
    return status;
  }

  // The worker and what it has started: compiler, emulator.
  void signal(int number) const { kill(-process_, number); }

  void end(int number) {
    signal(number);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
    process_ = 0;
  }

 private:
  void start(const std::vector<std::string>& command, int standard_output, const std::string& log) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, standard_output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0666);
    // A group of its own: Ctrl-C reaches us alone, and we stop it with all that it has started.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int error = posix_spawn(&process_, argv[0], &files, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (error == 0) return;
    process_ = 0;
    throw Error(ErrorKind::internal, fmt::format("cannot start it: {}", std::strerror(error)),
                command[0]);
  }

  Running running_;
  pid_t process_ = 0;
  int output_ = -1;
  std::string text_;  // that has no end of line yet
};

class Local {
 public:
  Local(const Plan& plan, const Store& store, const LocalOptions& options)
      : plan_(plan), store_(store), options_(options), estimator_(plan, store) {
    const std::set<std::string> done = done_tasks(plan, store);
    for (const Task& task : plan.tasks)
      state_[task.hash] = done.contains(task.hash) ? State::done : State::waiting;
  }

  StudyResult run(const StandingCallback& progress) {
    const StopOnSignals signals;
    while (signals.asked() == 0) {
      start_workers();
      if (workers_.empty() && !anything_left()) break;
      wait();
      if (progress) progress(standing());
    }
    StudyResult result;
    result.interrupted_by = signals.asked();
    if (result.interrupted_by != 0) stop();
    for (const Task& task : plan_.tasks) result.status[task.hash] = status(task);
    return result;
  }

 private:
  enum class State : uint8_t { waiting, elsewhere, running, done, failed };

  State& state(const std::string& hash) { return state_.at(hash); }

  Status status(const Task& task) {
    switch (state(task.hash)) {
      case State::done:
        return Status::done;
      case State::failed:
        return Status::failed;
      case State::waiting:
      case State::elsewhere:
      case State::running:
        break;
    }
    return Status::missing;
  }

  bool anything_left() {
    return std::ranges::any_of(plan_.tasks, [&](const Task& task) {
      const State s = state(task.hash);
      return s == State::waiting || s == State::elsewhere;
    });
  }

  void start_workers() {
    for (const Task& task : plan_.tasks) {
      if (std::ssize(workers_) >= options_.jobs) return;
      State& own = state(task.hash);
      if (own == State::elsewhere) look_again(task, own);
      if (own != State::waiting) continue;
      bool ready = true;
      for (const std::string& need : task.needs) {
        if (state(need) == State::failed) fail(task, lack_of(plan_.task(need)));
        ready = ready && state(need) == State::done;
      }
      if (own == State::waiting && ready) start(task);
    }
  }

  void start(const Task& task) {
    {
      const auto claim = store_.claim(task.hash);
      if (!claim) {
        state(task.hash) = State::elsewhere;
        return;
      }
      store_.write_task(task);
    }
    workers_.push_back(
        std::make_unique<Worker>(task, store_.file(task.hash, kLog), options_.worker));
    state(task.hash) = State::running;
  }

  // Somebody else has had the task: is it done, or free again?
  void look_again(const Task& task, State& own) {
    if (!store_.claim(task.hash)) return;
    own = store_.complete(task) ? State::done : State::waiting;
  }

  void fail(const Task& task, const Error& error) {
    state(task.hash) = record_failure(store_, task, error) ? State::failed : State::elsewhere;
  }

  // For a word from a worker, and the end of some.
  void wait() {
    std::vector<pollfd> files;
    for (const auto& worker : workers_) files.push_back({worker->output(), POLLIN, 0});
    constexpr int kMilliseconds = 100;
    poll(files.data(), files.size(), kMilliseconds);
    for (const auto& worker : workers_) worker->listen();
    std::erase_if(workers_, [&](const std::unique_ptr<Worker>& worker) {
      const std::optional<int> status = worker->ended();
      if (status) finish(worker->task(), *status);
      return status.has_value();
    });
  }

  void finish(const Task& task, int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == kBusy) {
      state(task.hash) = State::elsewhere;
      return;
    }
    if (store_.complete(task)) {
      state(task.hash) = State::done;
      if (const auto timing = store_.timing(task.hash)) estimator_.learn(task, *timing);
      return;
    }
    state(task.hash) = State::failed;
    if (WIFEXITED(status) && store_.status(task.hash) == Status::failed) return;  // it said why
    const std::string how = WIFSIGNALED(status)
                                ? fmt::format("was ended by signal {} ({})", WTERMSIG(status),
                                              strsignal(WTERMSIG(status)))
                                : fmt::format("exited with {}", WEXITSTATUS(status));
    fail(task, Error(ErrorKind::internal, "the worker " + how, store_.file(task.hash, kLog),
                     "a killed worker may have lacked memory"));
  }

  // Politely, then not.
  void stop() {
    for (const auto& worker : workers_) worker->signal(SIGTERM);
    constexpr int kPatience = 50;  // tenths of a second
    for (int i = 0; i < kPatience && !workers_.empty(); i++) {
      poll(nullptr, 0, 100);
      std::erase_if(workers_, [](const auto& worker) { return worker->ended().has_value(); });
    }
    workers_.clear();
  }

  Standing standing() {
    Standing standing;
    std::map<std::string, Status> ended;
    for (const auto& [hash, state] : state_) {
      if (state == State::done) ended[hash] = Status::done;
      if (state == State::failed) ended[hash] = Status::failed;
    }
    for (const auto& worker : workers_) standing.running.push_back(worker->running());
    standing.estimate(plan_, ended, estimator_, options_.jobs);
    return standing;
  }

  const Plan& plan_;
  const Store& store_;
  const LocalOptions& options_;
  Estimator estimator_;
  std::map<std::string, State> state_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

StudyResult run_local(const Plan& plan, const Store& store, const LocalOptions& options,
                      const StandingCallback& progress) {
  return Local(plan, store, options).run(progress);
}

}  // namespace mote::study
