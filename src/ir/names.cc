#include "ir/names.h"

#include <fmt/format.h>

namespace mote {

std::string Names::add(const std::string& wanted) {
  const auto [entry, added] = next_.emplace(wanted, 1);
  if (added) return wanted;
  int64_t& number = entry->second;  // references stay valid as the map grows
  for (;;) {
    std::string candidate = fmt::format("{}_{}", wanted, number++);
    if (next_.emplace(candidate, 1).second) return candidate;
  }
}

}  // namespace mote
