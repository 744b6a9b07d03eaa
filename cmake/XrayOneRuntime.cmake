# A program that contains the SDK shows its state to the plugins that it opens: a copy of the SDK in
# a plugin then uses the program's. With a linker that can't, each has a runtime of its own.
include_guard(GLOBAL)
include(CheckLinkerFlag)

# xray_share_state(<target>...): whoever links these exports the SDK's process-wide variables.
function(xray_share_state)
  set(option "LINKER:--export-dynamic-symbol=_ZN4xray*6detail*")
  check_linker_flag(CXX "${option}" XRAY_LINKER_EXPORTS_BY_PATTERN)
  if(XRAY_LINKER_EXPORTS_BY_PATTERN)
    foreach(target IN LISTS ARGN)
      # Not into the installed targets: xrayConfig.cmake asks the linker of whoever uses those.
      set_property(TARGET ${target} APPEND PROPERTY
        INTERFACE_LINK_OPTIONS "$<BUILD_INTERFACE:${option}>")
    endforeach()
  endif()
endfunction()
