#include "study/store.h"

#include <filesystem>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "study/build_info.h"

namespace mote::study {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "mote.task/1";

std::optional<Json> read_json(const std::string& path) {
  if (!fs::exists(path)) return std::nullopt;
  const Bytes bytes = read_file(path);
  Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

void write_json(const std::string& path, const Json& json) {
  write_file(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw Error(ErrorKind::usage, "cannot make the folder: " + error.message(), path);
}

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::internal:
      return "internal";
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::invalid_input:
      return "invalid_input";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::over_budget:
      return "over_budget";
    case ErrorKind::some_failed:
      return "some_failed";
  }
  return {};
}

Json head_of(const Task& task, const char* status) {
  return {{"schema", kSchema},  {"version", version()},
          {"commit", commit()}, {"task", study::name_of(task.kind)},
          {"cell", task.cell},  {"inputs", task.inputs},
          {"status", status}};
}

}  // namespace

Store::Store(std::string root) : root_(std::move(root)) {}

std::string Store::folder(const std::string& hash) const {
  return root_ + "/" + hash;
}

std::string Store::file(const std::string& hash, const std::string& name) const {
  return folder(hash) + "/" + name;
}

std::optional<Json> Store::record(const std::string& hash) const {
  std::optional<Json> json = read_json(file(hash, kRecord));
  if (json && json->value("schema", "") != kSchema) json.reset();
  return json;
}

std::optional<Json> Store::timing(const std::string& hash) const {
  return read_json(file(hash, kTiming));
}

Status Store::status(const std::string& hash) const {
  const std::optional<Json> json = record(hash);
  if (!json) return Status::missing;
  return json->value("status", "") == "done" ? Status::done : Status::failed;
}

bool Store::complete(const Task& task) const {
  if (status(task.hash) != Status::done) return false;
  return task.kind == TaskKind::measure || fs::exists(file(task.hash, kModel));
}

void Store::write_task(const Task& task) const {
  make_folder(folder(task.hash));
  write_json(file(task.hash, kTask), json_of(task));
}

Task Store::read_task(const std::string& hash) const {
  const std::string path = file(hash, kTask);
  const std::optional<Json> json = read_json(path);
  if (!json)
    throw Error(ErrorKind::invalid_input, "no task is planned there", path,
                "`mote study FILE -o RUNS` plans");
  try {
    return task_of(*json);
  } catch (const Error& error) {
    throw error.at(path);
  }
}

std::optional<FileLock> Store::claim(const std::string& hash) const {
  make_folder(root_);
  return FileLock::attempt(folder(hash) + ".lock");
}

void Store::write_record(const Task& task, const Json& record) const {
  write_json(file(task.hash, kRecord), record);
}

void Store::write_timing(const std::string& hash, const Json& timing) const {
  write_json(file(hash, kTiming), timing);
}

Json done_record(const Task& task, const Json& result) {
  Json record = head_of(task, "done");
  record["result"] = result;
  return record;
}

Json failed_record(const Task& task, const Error& error) {
  Json record = head_of(task, "failed");
  record["error"] = {{"kind", name_of(error.kind)},
                     {"message", error.message},
                     {"where", error.where},
                     {"hint", error.hint}};
  return record;
}

}  // namespace mote::study
