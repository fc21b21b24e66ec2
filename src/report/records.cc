#include "report/records.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/clean_text.h"
#include "base/error.h"
#include "base/file.h"
#include "ir/scheme.h"
#include "report/identity.h"

namespace mote::report {
namespace {

namespace fs = std::filesystem;

// No record is deep, and copies of what is nested without end would overflow the stack.
bool is_shallow(int depth, Json::parse_event_t, Json&) {
  if (depth > 16) throw Error(ErrorKind::invalid_input, "is nested more than 16 levels deep");
  return true;
}

std::optional<Json> parse(const fs::path& path, const std::string& file,
                          std::vector<Problem>& problems) {
  try {
    const Bytes bytes = read_file(path.string());
    return Json::parse(bytes.begin(), bytes.end(), is_shallow);
  } catch (const Json::parse_error& error) {
    // Not the parser's own words, which quote the damaged text.
    problems.push_back({file, "", fmt::format("is no JSON from byte {} on", error.byte)});
  } catch (const Json::exception&) {
    problems.push_back({file, "", "has a number that is out of range"});
  } catch (const Error& error) {
    problems.push_back({file, "", error.message});
  }
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(Records& records) : records_(records) {}

  void read(const fs::path& folder, const std::string& name) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      entries.push_back(it->path());
    if (error) throw Error(ErrorKind::invalid_input, "cannot read: " + error.message(), folder);
    std::ranges::sort(entries);
    for (const fs::path& entry : entries)
      if (fs::is_directory(entry, error)) read_task(entry, name);
  }

 private:
  void read_task(const fs::path& folder, const std::string& runs) {
    std::error_code ignored;
    const fs::path path = folder / "record.json";
    if (!fs::is_regular_file(path, ignored)) {
      records_.unfinished += is_hash(folder.filename());
      return;
    }
    Task task;
    task.hash = clean_text(folder.filename().string());
    const std::string place = runs + "/" + task.hash + "/";
    task.file = place + "record.json";
    const std::optional<Json> parsed = parse(path, task.file, records_.problems);
    if (!parsed) return;
    // Two studies that share a task have the same record of it.
    if (!seen_.insert(task.hash).second) return expect_same(task, *parsed);
    task.record = clean_record(*parsed, task.file, records_.problems);
    if (task.record.is_null()) return;
    task.identity = identity_of(*parsed);
    if (fs::is_regular_file(folder / "timing.json", ignored)) {
      const std::string file = place + "timing.json";
      if (const auto timing = parse(folder / "timing.json", file, records_.problems))
        task.record["timing"] = clean_timing(*timing, file, records_.problems);
    }
    records_.tasks.push_back(std::move(task));
  }

  void expect_same(const Task& second, const Json& record) {
    std::vector<Problem> told_before;
    const Json cleaned = clean_record(record, second.file, told_before);
    for (const Task& first : records_.tasks) {
      if (first.hash != second.hash) continue;
      Json before = first.record;
      before.erase("timing");
      if (before != cleaned)
        records_.problems.push_back({second.file, "", "differs from " + first.file});
    }
  }

  static bool is_hash(const std::string& name) {
    return name.size() == 16 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
  }

  Records& records_;
  std::set<std::string> seen_;
};

// Schemes come as the table has them, float32 first.
size_t rank(const Task& task) {
  const auto scheme =
      parse_scheme(task.text("/result/model/scheme").empty() ? task.text("/cell/recipe")
                                                             : task.text("/result/model/scheme"));
  return scheme ? static_cast<size_t>(*scheme) : schemes().size();
}

bool before(const Task& a, const Task& b) {
  const auto key = [](const Task& task) {
    const Json& seed = task.at("/cell/seed");
    return std::tuple(task.text("/cell/data"), task.text("/cell/device"),
                      task.text("/cell/network"), seed.is_null() ? 0 : seed.get<uint64_t>(),
                      rank(task), task.text("/cell/recipe"), task.text("/task"), task.hash);
  };
  return key(a) < key(b);
}

std::string name_of(const std::string& folder) {
  const fs::path path = fs::absolute(folder).lexically_normal();
  return clean_text((path.has_filename() ? path : path.parent_path()).filename().string());
}

}  // namespace

const Json& Task::at(const Json::json_pointer& pointer) const {
  static const Json null;
  return record.contains(pointer) ? record[pointer] : null;
}

std::string Task::text(const char* pointer) const {
  const Json& value = at(pointer);
  return value.is_string() ? value.get<std::string>() : "";
}

const Task* Records::input_of(const Task& task, const char* input) const {
  const std::string hash = task.text((std::string("/inputs/") + input).c_str());
  const auto found =
      std::ranges::find_if(tasks, [&](const Task& other) { return other.hash == hash; });
  return hash.empty() || found == tasks.end() ? nullptr : &*found;
}

Records read_records(const std::vector<std::string>& folders) {
  Records records;
  Reader reader(records);
  for (const std::string& folder : folders) {
    records.names.push_back(name_of(folder));
    reader.read(folder, records.names.back());
  }
  if (records.tasks.empty() && records.problems.empty())
    throw Error(ErrorKind::invalid_input, "has no records of tasks", folders.at(0),
                "`mote study FILE.toml -o RUNS` writes them");
  tell_apart(records);
  std::ranges::sort(records.tasks, before);
  return records;
}

}  // namespace mote::report
