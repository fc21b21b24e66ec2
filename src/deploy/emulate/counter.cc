#include "deploy/emulate/counter.h"

#include <numeric>
#include <sstream>

#include <fmt/format.h>

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

std::vector<InstructionMix> counted_sections(const std::string& log) {
  std::istringstream lines(log);
  std::vector<InstructionMix> sections;
  int64_t total = -1, sum = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "region" && total >= 0) break;  // only the first one's
    if (word == "region") words >> word >> total;
    if (word != "section" || total < 0) continue;
    InstructionMix mix;
    for (int64_t& count : mix.count) words >> count;
    words >> mix.load_words >> mix.store_words;
    if (!words) break;
    sum += mix.instructions();
    sections.push_back(mix);
  }
  if (sections.empty() || sum != total)
    throw Error(ErrorKind::internal, "the instruction counter's answer is not complete: " + log);
  return sections;
}

}  // namespace mote::deploy
