#include "study/manifest.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/sha256.h"
#include "study/executor.h"

namespace mote::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "mote.manifest/1";
constexpr std::string_view kJobPrefix = "mote-";

void plan_task(const Store& store, const Task& task) {
  const auto claim = store.claim(task.hash);
  if (!claim || store.complete(task)) return;
  store.write_task(task);
  fs::remove(store.file(task.hash, kRecord));
}

}  // namespace

std::string Manifest::file(const Store& store, const std::string& ending) const {
  return store.root() + "/slurm/" + id + ending;
}

const std::string& Manifest::task(int32_t element) const {
  if (element < 0 || static_cast<size_t>(element) >= tasks.size())
    throw Error(ErrorKind::invalid_input,
                fmt::format("there is no element {}, only {} tasks", element, tasks.size()), id);
  return tasks[static_cast<size_t>(element)];
}

std::string Manifest::job_name() const {
  return std::string(kJobPrefix) + id;
}

Manifest write_manifest(const Store& store, const std::vector<const Task*>& tasks) {
  Manifest manifest;
  for (const Task* task : tasks) {
    plan_task(store, *task);
    manifest.tasks.push_back(task->hash);
  }
  const Json body{{"schema", kSchema}, {"runs", store.root()}, {"tasks", manifest.tasks}};
  manifest.id = sha256(body.dump()).substr(0, 16);
  fs::create_directories(store.root() + "/slurm");
  write_file(manifest.file(store, ".json"), body.dump(2) + "\n");
  return manifest;
}

Manifest read_manifest(const std::string& path) {
  const Bytes bytes = read_file(path);
  const Json body = Json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
  try {
    if (body.at("schema") == kSchema) return {fs::path(path).stem(), body.at("tasks")};
  } catch (const Json::exception&) {
  }
  throw Error(ErrorKind::invalid_input, "no manifest of a job array", path,
              "`mote study FILE -o RUNS --executor slurm` writes them");
}

std::optional<Manifest> find_manifest(const Store& store, const std::string& job_name) {
  if (!job_name.starts_with(kJobPrefix)) return std::nullopt;
  const Manifest named{job_name.substr(kJobPrefix.size()), {}};
  const std::string path = named.file(store, ".json");
  if (!fs::exists(path)) return std::nullopt;
  return read_manifest(path);
}

Outcome run_element(const Store& store, const Manifest& manifest, int32_t element,
                    const TaskOptions& options, const TaskCallback& progress) {
  const Task task = store.read_task(manifest.task(element));
  for (const std::string& hash : task.needs) {
    const Task need = store.read_task(hash);
    if (store.complete(need)) continue;
    record_failure(store, task, lack_of(need));
    return Outcome::failed;
  }
  constexpr std::chrono::seconds kAgain{2};
  for (;;) {
    const Outcome outcome = run_task(store, task.hash, options, progress);
    if (outcome != Outcome::busy) return outcome;
    std::this_thread::sleep_for(kAgain);
  }
}

}  // namespace mote::study
