// The table behind ir/resources.h, which the build writes (cmake/generate.cmake).
#pragma once

#include <cstddef>

namespace mote {

struct ResourceEntry {
  const char* path;
  const char* begin;
  const char* end;
};
extern const ResourceEntry kResources[];
extern const std::size_t kResourceCount;

}  // namespace mote
