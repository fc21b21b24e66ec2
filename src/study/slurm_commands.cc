#include "study/slurm_commands.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/process.h"

namespace mote::study {
namespace {

// A part of what Slurm says, and what to do about it.
struct Remedy {
  std::string_view message, remedy;
};
constexpr Remedy kRemedies[] = {
    {"invalid partition", "`sinfo` lists the partitions: name one with --partition"},
    {"Invalid account", "name yours with --sbatch=--account=NAME"},
    {"Invalid qos", "name one that you may use with --sbatch=--qos=NAME"},
    {"time limit", "ask for less with --time"},
    {"Invalid --time", "--time takes minutes, HOURS:MINUTES:SECONDS or DAYS-HOURS"},
    {"Invalid --mem", "--memory takes megabytes, or a number with K, M, G or T"},
    {"Memory specification", "no node has as much: ask for less with --memory"},
    {"node configuration is not available", "no node has as much: ask for fewer --cpus"},
    {"CPU count", "no node has as many: ask for fewer --cpus"},
    {"accounting/QOS policy",
     "the cluster limits what one user may queue: start the study again "
     "when some of it is done"},
    {"MaxJobCount", "the cluster's queue is full: start the study again when some of it is done"},
    {"Unable to contact", "is this a machine of the cluster, and does `scontrol ping` find it?"},
    {"slurm.conf", "is this a machine of the cluster? SLURM_CONF names its configuration"},
};

std::string run(const std::vector<std::string>& command) {
  ProcessOptions options;
  options.time_limit = std::chrono::seconds(120);
  const ProcessResult result = run_process(command, options);
  if (result.exit_code == 0) return result.output;
  std::string message = result.timed_out ? "does not answer" : result.output;
  message.erase(message.find_last_not_of(" \n") + 1);
  throw Error(ErrorKind::usage, message, command[0], remedy_for(message));
}

// What stands behind "NAME=" or "NAME   = ", up to the next blank.
std::string field(const std::string& text, const std::string& name) {
  size_t at = text.find(name);
  if (at == text.npos) return {};
  at = text.find_first_not_of(" =", at + name.size());
  return at == text.npos ? "" : text.substr(at, text.find_first_of(" \n", at) - at);
}

}  // namespace

std::string remedy_for(const std::string& message) {
  const auto same = [](char a, char b) { return ascii_lower(a) == ascii_lower(b); };
  for (const Remedy& known : kRemedies)
    if (std::search(message.begin(), message.end(), known.message.begin(), known.message.end(),
                    same) != message.end())
      return std::string(known.remedy);
  return {};
}

std::string submit_job(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"sbatch", "--parsable"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const std::string output = run(command);
  // "17", or "17;CLUSTER"; warnings may stand before it.
  for (const std::string& line : split(output, '\n'))
    if (const std::string job = line.substr(0, line.find(';')); parse_number<int64_t>(job))
      return job;
  throw Error(ErrorKind::unsupported, "names no job: " + output, "sbatch");
}

std::vector<QueuedElement> queued_elements() {
  std::vector<QueuedElement> elements;
  for (const std::string& line :
       split(run({"squeue", "--me", "--noheader", "--array", "--format=%F|%K|%j|%T|%r"}), '\n')) {
    const std::vector<std::string> fields = split(line, '|');
    if (fields.size() != 5) continue;  // a warning
    if (const auto index = parse_number<int32_t>(fields[1]))
      elements.push_back({fields[0], *index, fields[2], fields[3], fields[4]});
  }
  return elements;
}

int32_t max_array_size() {
  const std::string text = field(run({"scontrol", "show", "config"}), "MaxArraySize");
  const auto size = parse_number<int64_t>(text);
  if (!size || *size < 1)
    throw Error(ErrorKind::unsupported,
                fmt::format("this cluster has no job arrays (MaxArraySize is '{}')", text),
                "scontrol");
  return static_cast<int32_t>(std::min<int64_t>(*size, INT32_MAX));
}

std::string state_of(const std::string& job, int32_t index) {
  try {
    return field(run({"scontrol", "show", "job", fmt::format("{}_{}", job, index)}), "JobState");
  } catch (const Error&) {
    return {};  // forgotten a few minutes after its end
  }
}

}  // namespace mote::study
