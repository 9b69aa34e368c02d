@echo off
rem build.sh for Windows, by the bash that comes with Git. Not by the bash on PATH: that may be the one of WSL, which is another system.
setlocal
set "gitbash=%ProgramFiles%\Git\bin\bash.exe"
if not exist "%gitbash%" set "gitbash=%LocalAppData%\Programs\Git\bin\bash.exe"
if not exist "%gitbash%" (
    echo build.cmd needs Git for Windows, https://git-scm.com 1>&2
    exit /b 1
)
"%gitbash%" "%~dp0build.sh" %*
exit /b %errorlevel%
