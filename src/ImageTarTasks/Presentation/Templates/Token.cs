namespace ImageTarTasks.Presentation.Templates;

/// <summary>What a token of a template is.</summary>
internal enum TokenKind
{
    /// <summary>Text between actions.</summary>
    Text,

    /// <summary><c>{{</c>.</summary>
    Open,

    /// <summary><c>}}</c>.</summary>
    Close,

    /// <summary>Blanks inside an action.</summary>
    Space,

    /// <summary><c>.Name</c>; the text is without the dot.</summary>
    Field,

    /// <summary><c>$</c> or <c>$name</c>.</summary>
    Variable,

    /// <summary>A function, a keyword, <c>true</c>, <c>false</c> or <c>nil</c>.</summary>
    Word,

    /// <summary>Text in quotes; the token's text is what is between them, unescaped.</summary>
    Quoted,

    /// <summary>A number or a character; the token's text is the source.</summary>
    Number,

    /// <summary><c>.</c>.</summary>
    Dot,

    /// <summary><c>| ( ) , = :=</c>; the text tells which.</summary>
    Symbol,

    /// <summary>The end.</summary>
    End,
}

/// <summary>A token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Position">Where it begins, in UTF-16 units.</param>
/// <param name="Source">How it was written.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position, string Source)
{
    /// <summary>Whether this is that symbol.</summary>
    public bool IsSymbol(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
}
