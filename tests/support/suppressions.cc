// What LeakSanitizer is to overlook: setlocale of glibc never frees the folders of LOCPATH.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:argz_add_sep\n";
}
