#include "study/task.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <new>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/error.h"
#include "formats/model_file.h"
#include "study/inputs.h"
#include "study/machine.h"
#include "study/work.h"

namespace mote::study {
namespace {

namespace fs = std::filesystem;

// What a worker that was killed has left, except what can be gone on from.
void tidy(const Store& store, const std::string& hash) {
  const bool going_on =
      fs::exists(store.file(hash, kCheckpoint)) || fs::exists(store.file(hash, kSteps));
  for (const fs::directory_entry& entry : fs::directory_iterator(store.folder(hash))) {
    const std::string name = entry.path().filename();
    const bool kept = name == kTask || name == kLog || name == kCheckpoint || name == kSteps ||
                      (name == kTiming && going_on);
    if (!kept) fs::remove_all(entry.path());
  }
}

void write_log(const std::string& path, const std::string& line) {
  using Clock = std::chrono::system_clock;
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(Clock::now());
  std::ofstream(path, std::ios::app) << fmt::format("{:%F %T} UTC  {}\n", fmt::gmtime(now), line);
}

datasets::Dataset data_of(const Task& task) {
  const std::string source = task.sources.at("data");
  datasets::Dataset data = open_data({task.cell.at("data"), source, task.cell.at("seed"),
                                      task.inputs.at("validation_fraction"),
                                      task.sources.value("inputs", std::vector<std::string>())});
  if (sha256_of(data) != task.inputs.at("data_sha256"))
    throw Error(ErrorKind::invalid_input, "the data is not what the study was planned with", source,
                "start the study again, or bring back what it was");
  return data;
}

Json compute(const Workplace& at, Json& timing) {
  switch (at.task.kind) {
    case TaskKind::train:
      return run_train(at, timing);
    case TaskKind::import_model:
      return run_import(at);
    case TaskKind::compress:
      return run_compress(at);
    case TaskKind::measure:
      return run_measure(at, timing);
  }
  return {};
}

// The whole of what went wrong as one of our errors.
template <class Function>
void catching(Function&& function, const std::function<void(const Error&)>& on_error) {
  try {
    function();
  } catch (const Error& error) {
    on_error(error);
  } catch (const std::bad_alloc&) {
    on_error(Error(ErrorKind::internal, "out of memory"));
  } catch (const std::exception& error) {
    on_error(Error(ErrorKind::internal, error.what(), "", "this is a bug of ours"));
  }
}

// Seconds of this process, added to those of the ones before that got so far.
class Stopwatch {
 public:
  explicit Stopwatch(const std::optional<Json>& before)
      : before_(before ? before->value("seconds", 0.0) : 0.0) {}
  double seconds() const {
    return before_ + std::chrono::duration<double>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  double before_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

Outcome run_task(const Store& store, const std::string& hash, const TaskOptions& options,
                 const TaskCallback& progress) {
  const auto claim = store.claim(hash);
  if (!claim) return Outcome::busy;
  const Task task = store.read_task(hash);
  if (store.complete(task)) return Outcome::done;
  tidy(store, hash);
  fs::create_directory(store.file(hash, kScratch));
  Outcome outcome = Outcome::failed;
  catching(
      [&] {
        const std::optional<Json> before = store.timing(hash);
        const Stopwatch watch(before);
        Json timing{{"schema", "mote.timing/1"}, {"seconds", 0}, {"machine", machine()}};
        if (before && before->contains("epochs")) timing["epochs"] = before->at("epochs");
        const datasets::Dataset data = data_of(task);
        const TaskCallback tell = [&](const TaskProgress& p) {
          if (progress) progress(p);
          timing["seconds"] = watch.seconds();
        };
        write_log(store.file(hash, kLog), task.title());
        const Json result = compute({store, task, data, options, tell}, timing);
        timing["seconds"] = watch.seconds();
        store.write_timing(hash, timing);
        store.write_record(task, done_record(task, result));
        write_log(store.file(hash, kLog), "done");
        outcome = Outcome::done;
      },
      [&](const Error& error) {
        write_log(store.file(hash, kLog), error.what());
        store.write_record(task, failed_record(task, error));
      });
  // The record stands, whatever cannot be removed.
  std::error_code ignored;
  fs::remove_all(store.file(hash, kScratch), ignored);
  if (outcome == Outcome::done)
    for (const char* name : {kCheckpoint, kSteps}) fs::remove_all(store.file(hash, name), ignored);
  return outcome;
}

std::string Workplace::file_of(const char* kind, const std::string& name) const {
  return store.file(task.inputs.at(kind), name);
}

void Workplace::log(const std::string& line) const {
  write_log(file(kLog), line);
}

const char* Workplace::origin() const {
  return task.inputs.contains("train") ? "train" : "import";
}

Graph open_model(const Workplace& at, const char* kind) {
  const std::string path = at.file_of(kind, kModel);
  const auto record = at.store.record(at.task.inputs.at(kind));
  if (!record || record->value("status", "") != "done" ||
      record->at("result").at("model_sha256") != file_sha256(path))
    throw Error(ErrorKind::invalid_input, "the model is not the one that its record tells of", path,
                "remove its folder, and start the study again");
  return formats::read_model(path);
}

}  // namespace mote::study
