#include "deploy/emulate/counter.h"

#include <numeric>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"

namespace mote::deploy {

int64_t InstructionMix::instructions() const {
  return std::accumulate(count.begin(), count.end(), int64_t{0});
}

InstructionMix& InstructionMix::operator+=(const InstructionMix& other) {
  for (size_t i = 0; i < count.size(); i++) count[i] += other.count[i];
  load_words += other.load_words;
  store_words += other.store_words;
  return *this;
}

std::string counter_argument(const std::string& plugin, const ElfFunction& caller,
                             const std::vector<ElfFunction>& functions) {
  std::string argument = fmt::format("{},caller={:x}:{:x}", plugin, caller.address, caller.size);
  for (const ElfFunction& function : functions)
    argument += fmt::format(",function={:x}", function.address);
  return argument;
}

namespace {

// Behind the first word.
bool read_numbers(const std::vector<std::string>& words, const std::vector<int64_t*>& fields) {
  if (words.size() <= fields.size()) return false;
  for (size_t i = 0; i < fields.size(); i++) {
    const auto number = parse_number<int64_t>(words[i + 1]);
    if (!number) return false;
    *fields[i] = *number;
  }
  return true;
}

}  // namespace

std::vector<InstructionMix> counted_sections(const std::string& log) {
  std::vector<InstructionMix> sections;
  int64_t total = -1, sum = 0;
  for (const std::string& line : split(log, '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    const bool region = !words.empty() && words[0] == "region";
    const bool section = !words.empty() && words[0] == "section";
    if (region && total >= 0) break;  // only the first one's
    if (region && words.size() > 2) total = parse_number<int64_t>(words[2]).value_or(-1);
    if (!section || total < 0) continue;
    InstructionMix mix;
    std::vector<int64_t*> fields;
    for (int64_t& count : mix.count) fields.push_back(&count);
    fields.insert(fields.end(), {&mix.load_words, &mix.store_words});
    if (!read_numbers(words, fields)) break;
    sum += mix.instructions();
    sections.push_back(mix);
  }
  if (sections.empty() || sum != total)
    throw Error(ErrorKind::internal, "the instruction counter's answer is not complete: " + log);
  return sections;
}

}  // namespace mote::deploy
