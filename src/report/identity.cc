#include "report/identity.h"

#include <set>
#include <vector>

#include <fmt/format.h>

#include "base/sha256.h"
#include "report/records.h"

namespace mote::report {
namespace {

std::string digest_of(const Json& value) {
  return sha256(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// What a task says of `key`, itself or through the tasks that it took its inputs from. Without
// those, their hash.
std::string identity_in(const Records& records, const Task& task, const std::string& key) {
  if (const auto own = task.identity.find(key); own != task.identity.end()) return own->second;
  const std::vector<const char*> origins = key == "network"  ? std::vector{"train", "import"}
                                           : key == "recipe" ? std::vector{"compress"}
                                                             : std::vector<const char*>{};
  for (const char* origin : origins) {
    const Task* input = records.input_of(task, origin);
    if (input != nullptr && input->identity.contains(key)) return input->identity.at(key);
    const std::string hash = task.text((std::string("/inputs/") + origin).c_str());
    if (!hash.empty()) return hash;
  }
  return "";
}

struct Telling {
  const char* key;
  std::vector<const char*> context;  // pointers to what must be equal for a name to mean one thing
};

// In this order: the context of a network is the name that its data set has by then.
const std::vector<Telling>& tellings() {
  static const std::vector<Telling> kTellings{
      {"data", {"/cell/seed", "/inputs/validation_fraction"}},
      {"device", {}},
      {"network", {"/cell/data", "/cell/seed"}},
      {"recipe", {"/cell/data", "/cell/seed", "/cell/network"}}};
  return kTellings;
}

void tell_apart(Records& records, const Telling& telling) {
  const std::string pointer = std::string("/cell/") + telling.key;
  std::map<std::string, std::set<std::string>> meanings;  // by name and context
  std::vector<std::string> meaning, context;              // by task
  for (const Task& task : records.tasks) {
    meaning.push_back(identity_in(records, task, telling.key));
    Json parts = {task.text(pointer.c_str())};
    for (const char* part : telling.context) parts.push_back(task.at(part));
    context.push_back(parts.dump());
    if (!meaning.back().empty()) meanings[context.back()].insert(meaning.back());
  }
  // A name that means two things anywhere is told apart everywhere: one thing has one name.
  std::set<std::string> ambiguous;
  for (size_t i = 0; i < records.tasks.size(); i++)
    if (!meaning[i].empty() && meanings.at(context[i]).size() > 1)
      ambiguous.insert(records.tasks[i].text(pointer.c_str()));
  for (size_t i = 0; i < records.tasks.size(); i++) {
    const std::string name = records.tasks[i].text(pointer.c_str());
    if (!meaning[i].empty() && ambiguous.contains(name))
      records.tasks[i].record["cell"][telling.key] =
          fmt::format("{} ({})", name, meaning[i].substr(0, 4));
  }
}

}  // namespace

std::map<std::string, std::string> identity_of(const Json& record) {
  std::map<std::string, std::string> identity;
  const auto inputs = record.find("inputs");
  if (inputs == record.end() || !inputs->is_object()) return identity;
  const auto take = [&](const char* key, const char* input) {
    const auto value = inputs->find(input);
    if (value != inputs->end())
      identity[key] = value->is_string() ? value->get<std::string>() : digest_of(*value);
  };
  take("data", "data_sha256");
  take("device", "device");
  take("recipe", "recipe");
  take("network", "model_sha256");
  if (const auto training = inputs->find("training"); training != inputs->end()) {
    Json options = *training;
    if (options.is_object()) options.erase("seed");  // another seed is the same network again
    identity["network"] = digest_of(options);
  }
  return identity;
}

void tell_apart(Records& records) {
  for (const Telling& telling : tellings()) tell_apart(records, telling);
}

}  // namespace mote::report
