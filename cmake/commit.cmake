# Writes build_info.cc for src/study/build_info.h, and only where the commit has changed, so that a
# build without a new commit compiles nothing. Run by the target build_info with SOURCE, VERSION and
# OUTPUT.
execute_process(COMMAND git -C ${SOURCE} rev-parse HEAD OUTPUT_VARIABLE commit
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#include \"study/build_info.h\"

std::string_view mote::study::version() {
  return \"${VERSION}\";
}
std::string_view mote::study::commit() {
  return \"${commit}\";
}
" @ONLY)
