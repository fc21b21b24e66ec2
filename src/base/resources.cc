#include "base/resources.h"

#include "base/error.h"
#include "base/resource_table.h"

namespace mote {

std::string_view resource(std::string_view path) {
  for (size_t i = 0; i < kResourceCount; i++)
    if (kResources[i].path == path)
      return {kResources[i].begin, static_cast<size_t>(kResources[i].end - kResources[i].begin)};
  throw Error(ErrorKind::internal, "no such resource: " + std::string(path));
}

std::vector<std::string_view> resources(std::string_view prefix) {
  std::vector<std::string_view> paths;  // the build sorts the table
  for (size_t i = 0; i < kResourceCount; i++)
    if (std::string_view(kResources[i].path).starts_with(prefix))
      paths.push_back(kResources[i].path);
  return paths;
}

}  // namespace mote
