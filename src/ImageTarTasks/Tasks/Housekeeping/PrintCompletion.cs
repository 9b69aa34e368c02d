using ImageTarTasks.Core.Store;
using ImageTarTasks.Options;
using ImageTarTasks.TaskBases;
using Microsoft.Build.Framework;

namespace ImageTarTasks;

/// <summary>
/// Prints a script that completes command lines of this program in a shell: verbs, options, images, containers, files.
/// </summary>
/// <remarks>
/// bash: source &lt;(imagetar completion bash) in ~/.bashrc. zsh: the same in ~/.zshrc, after compinit. fish: imagetar
/// completion fish | source in config.fish. pwsh: imagetar completion pwsh | Out-String | Invoke-Expression in
/// $PROFILE. A verb of the tool alone: builds have no shell, so it is no task that projects know.
/// </remarks>
[Verb("completion", Example = "source <(imagetar completion bash)")]
internal sealed class PrintCompletion : ImageTask
{
    // Each script asks the program itself, with the directive of System.CommandLine: [suggest:POSITION] LINE.
    private const string Bash = """
        # bash takes : for the end of a word, so what stands before it is cut off the proposals.
        _imagetar_complete() {
            local IFS=$'\n' line="${COMP_LINE:0:COMP_POINT}"
            local word="${line##* }"
            COMPREPLY=($(imagetar "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null))
            if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
                COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
            fi
        }
        complete -o default -F _imagetar_complete imagetar
        """;

    private const string Zsh = """
        _imagetar_complete() {
            local -a proposals
            proposals=("${(@f)$(imagetar "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            if [[ -n "${proposals[1]}" ]]; then compadd -- "${proposals[@]}"; else _files; fi
        }
        compdef _imagetar_complete imagetar
        """;

    private const string Fish = """
        complete -c imagetar -a '(imagetar "[suggest]" (commandline -cp) 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName imagetar -ScriptBlock {
            param($word, $ast, $cursor)
            imagetar "[suggest:$cursor]" $ast.ToString().PadRight($cursor) | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    /// <summary>The shell.</summary>
    [Required, Argument(0, "bash|zsh|fish|pwsh"), Choices("bash", "zsh", "fish", "pwsh")]
    public string Shell { get; set; } = "";

    /// <summary>The store is not looked at.</summary>
    private protected override bool IsReadOnly => true;

    private protected override void Run(ImageStore store)
    {
        var script = Shell.ToLowerInvariant() switch
        {
            "bash" => Bash,
            "zsh" => Zsh,
            "fish" => Fish,
            _ => PowerShell,
        };
        foreach (var line in script.ReplaceLineEndings("\n").Split('\n'))
        {
            Reporter.Result(line);
        }
    }
}
