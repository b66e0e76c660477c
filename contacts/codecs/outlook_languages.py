"""What Outlook's columns are called in other languages. A name that is the same as in English is not repeated.

Each line: the English name, then the others' names, with `|` between those of one language that differ by version.
"""

LANGUAGES = ("de", "fr", "es", "it", "nl", "pt", "ja")

_TABLE = """
Title = Anrede ; Titre ; Tratamiento ; Titolo ; Titel ; Título | Tratamento ; 肩書き
First Name = Vorname ; Prénom ; Nombre ; Nome ; Voornaam ; Primeiro nome | Nome próprio ; 名
Middle Name = Weitere Vornamen | Zweiter Vorname ; Deuxième prénom ; Segundo nombre ; Secondo nome ; Middelste naam ; Segundo nome | Nome do meio | Outros nomes/apelidos ; ミドル ネーム
Last Name = Nachname | Familienname ; Nom ; Apellidos | Apellido ; Cognome ; Achternaam ; Apelido | Sobrenome | Último nome ; 姓
Suffix = Suffix | Namenszusatz ; Suffixe ; Sufijo ; Titolo straniero | Suffisso ; Achtervoegsel ; Sufixo ; 敬称
Company = Firma ; Société ; Organización | Compañía | Empresa ; Società ; Bedrijf ; Empresa ; 会社名 | 会社
Department = Abteilung ; Service ; Departamento ; Reparto ; Afdeling ; Departamento ; 部署
Job Title = Position ; Fonction ; Puesto | Cargo ; Posizione | Qualifica ; Functie ; Cargo ; 役職
Business Street = Straße geschäftlich ; Rue (bureau) ; Calle del trabajo ; Via (uff.) | Indirizzo di lavoro ; Werkadres, straat ; Rua da empresa | Rua comercial | Rua do endereço comercial ; 番地 (会社)
Business Street 2 = Straße geschäftlich 2 ; Rue (bureau) 2 ; Calle del trabajo 2 ; Via (uff.) 2 ; Werkadres 2, straat ; Rua da empresa 2 | Rua do endereço comercial 2 ; 住所 2 (会社)
Business Street 3 = Straße geschäftlich 3 ; Rue (bureau) 3 ; Calle del trabajo 3 ; Via (uff.) 3 ; Werkadres 3, straat ; Rua da empresa 3 | Rua do endereço comercial 3 ; 住所 3 (会社)
Business City = Ort geschäftlich ; Ville (bureau) ; Ciudad de trabajo | Ciudad del trabajo ; Città (uff.) | Città di lavoro ; Werkadres, plaats ; Localidade da empresa | Cidade comercial | Cidade do endereço comercial ; 市町村 (会社)
Business State = Region geschäftlich | Bundesland geschäftlich ; Dép/Région (bureau) ; Provincia o estado de trabajo | Provincia o estado del trabajo ; Provincia (uff.) ; Werkadres, provincie ; Distrito da empresa | Estado comercial | Estado do endereço comercial ; 都道府県 (会社)
Business Postal Code = Postleitzahl geschäftlich ; Code postal (bureau) ; Código postal del trabajo ; CAP (uff.) | CAP di Lavoro ; Werkadres, postcode ; Código postal da empresa | Código postal comercial | CEP do endereço comercial ; 郵便番号 (会社)
Business Country/Region = Land/Region geschäftlich | Land geschäftlich ; Pays/Région (bureau) | Pays (bureau) ; País o región del trabajo ; Paese (uff.) | Paese/area geografica (uff.) ; Land/regio (werk) | Werkadres, land ; País/Região da Empresa | Região/País comercial ; 国 (会社)/地域
Business Address PO Box = Postfach geschäftlich ; B.P. professionnelle ; Apartado postal de la dirección del trabajo ; Indirizzo (uff.) - Casella postale ; Werkadres, postbusnummer ; Apartado da empresa | Caixa postal do endereço comercial ; 会社住所私書箱
Home Street = Straße privat ; Rue (domicile) ; Calle del domicilio | Calle particular ; Via (ab.) | Indirizzo di casa ; Huisadres, straat ; Rua da residência | Rua de casa | Endereço residencial ; 番地 (自宅)
Home Street 2 = Straße privat 2 ; Rue (domicile) 2 ; Calle del domicilio 2 | Calle particular 2 ; Via (ab.) 2 ; Huisadres, straat 2 ; Rua da residência (2) | Endereço residencial 2 ; 住所 2 (自宅)
Home Street 3 = Straße privat 3 ; Rue (domicile) 3 ; Calle del domicilio 3 | Calle particular 3 ; Via (ab.) 3 ; Huisadres, straat 3 ; Rua da residência (3) | Endereço residencial 3 ; 住所 3 (自宅)
Home City = Ort privat ; Ville (domicile) ; Ciudad del domicilio | Ciudad de residencia ; Città (ab.) | Città di residenza ; Huisadres, plaats ; Localidade da residência | Cidade de casa | Cidade do endereço residencial ; 市町村 (自宅)
Home State = Bundesland/Kanton privat | Region privat ; Dép/Région (domicile) ; Provincia o estado del domicilio | Provincia o estado de residencia ; Provincia (ab.) | Provincia di residenza ; Huisadres, provincie ; Distrito da residência | Estado de casa ; 都道府県 (自宅)
Home Postal Code = Postleitzahl privat ; Code postal (domicile) ; Código postal del domicilio | Código postal de residencia ; CAP (ab.) | CAP di casa ; Huisadres, postcode ; Código postal da residência | CEP do endereço residencial | Código Postal de casa ; 郵便番号 (自宅)
Home Country/Region = Land/Region privat | Land privat ; Pays/Région (domicile) | Pays (domicile) ; País o región del domicilio ; Paese (ab.) | Paese/area geografica (ab.) ; Land/regio (thuis) | Huisadres, land ; País da Residência/Região | País/Região de Residência ; 国 (自宅)/地域
Home Address PO Box = Postfach privat ; Boîte postale du domicile ; Apartado postal de la dirección personal ; Indirizzo (ab.) - Casella postale ; Huisadres, postbusnummer ; Apartado da residência | Caixa postal do endereço residencial ; 自宅住所私書箱
Other Street = Weitere Straße ; Rue (autre) ; Otra calle ; Altra via ; Ander adres, straat ; Rua do outro endereço | Outro endereço | Outra Rua ; 番地 (その他)
Other Street 2 = Weitere Straße 2 ; Rue (autre) 2 ; Otra calle 2 ; Altra via 2 ; Ander adres, straat 2 ; Rua do outro endereço 2 | Outro endereço 2 ; 住所 2 (その他)
Other Street 3 = Weitere Straße 3 ; Rue (autre) 3 ; Otra calle 3 ; Altra via 3 ; Ander adres, straat 3 ; Rua do outro endereço 3 | Outro endereço 3 ; 住所 3 (その他)
Other City = Weiterer Ort ; Ville (autre) ; Otra ciudad ; Altra città ; Ander adres, plaats ; Localidade do outro endereço | Outra cidade ; 市町村 (その他)
Other State = Weiteres/r Bundesland/Kanton | Weitere Region ; Dép/Région (autre) ; Otra provincia o estado ; Altra provincia ; Ander adres, provincie ; Distrito do outro endereço | Outro Estado ; 都道府県 (その他)
Other Postal Code = Weitere Postleitzahl ; Code postal (autre) ; Otro código postal ; Altro CAP ; Ander adres, postcode ; Código postal do outro endereço | Outro Código Postal ; 郵便番号 (その他)
Other Country/Region = Weiteres/e Land/Region | Weiteres Land ; Pays/Région (autre) | Pays (autre) ; Otro país o región ; Altro paese | Altro paese/area geografica ; Land/regio (anders) | Ander adres, land ; Outro País/Região ; 国 (その他)/地域
Other Address PO Box = Weiteres Postfach ; Autre boîte postale ; Otro apartado postal ; Altro indirizzo - Casella postale ; Ander adres, postbusnummer ; Apartado do outro endereço | Caixa postal de outro endereço ; その他住所私書箱
Assistant's Phone = Telefon Assistent ; Téléphone de l'assistant(e) ; Teléfono del ayudante ; Telefono assistente ; Telefoon assistent ; Telefone do assistente ; 秘書の電話
Business Fax = Fax geschäftlich ; Télécopie (bureau) | Fax (bureau) ; Fax del trabajo ; Fax (uff.) ; Fax op werk ; Fax da empresa | Fax comercial ; 会社 FAX
Business Phone = Telefon geschäftlich ; Téléphone (bureau) ; Teléfono del trabajo ; Ufficio ; Telefoon op werk ; Telefone da empresa | Telefone comercial | Fone comercial ; 会社電話
Business Phone 2 = Telefon geschäftlich 2 ; Téléphone 2 (bureau) ; Teléfono del trabajo 2 ; Ufficio 2 ; Telefoon op werk 2 ; 2º telefone da empresa | Telefone comercial 2 ; 会社電話 2
Callback = Rückmeldung ; Rappel ; Devolución de llamada ; Richiamata automatica ; Terugbellen ; Tel. de resposta | Retorno de chamada ; コールバック
Car Phone = Autotelefon ; Téléphone (voiture) ; Teléfono del automóvil ; Telefono auto ; Autotelefoon ; Telefone do carro ; 自動車電話
Company Main Phone = Telefon Firma ; Téléphone société ; Número de centralita de la organización ; Telefono principale società ; Hoofdtelefoon bedrijf ; Telefone principal da empresa ; 会社代表電話
Home Fax = Fax privat ; Télécopie (domicile) | Fax (domicile) ; Fax particular | Fax del domicilio ; Fax (ab.) ; Fax thuis ; Fax da residência | Fax residencial ; 自宅 FAX
Home Phone = Telefon privat | Telefon (privat) ; Téléphone (domicile) ; Particular | Teléfono del domicilio ; Abitazione ; Telefoon thuis ; Telefone da residência | Telefone residencial ; 自宅電話
Home Phone 2 = Telefon privat 2 | Telefon (privat 2) ; Téléphone 2 (domicile) ; Particular 2 | Teléfono del domicilio 2 ; Abitazione 2 ; Telefoon thuis 2 ; 2º telefone da residência | Telefone residencial 2 ; 自宅電話 2
ISDN = ; RNIS ; RDSI ; ; ; RDIS ;
Mobile Phone = Mobiltelefon ; Tél. mobile | Téléphone mobile ; Teléfono móvil | Móvil ; Cellulare ; Mobiele telefoon ; Telemóvel | Telefone celular | Celular ; 携帯電話
Other Fax = Weiteres Fax ; Télécopie (autre) | Fax (autre) ; Otro fax ; Altro fax ; Andere fax ; Outro fax ; その他の FAX
Other Phone = Weiteres Telefon ; Téléphone (autre) ; Otro teléfono ; Altro telefono ; Andere telefoon ; Outro telefone ; その他の電話
Pager = ; Récepteur de radiomessagerie ; Localizador | Buscapersonas ; Cercapersone ; ; ; ポケットベル
Primary Phone = Haupttelefon ; Téléphone principal ; Teléfono principal ; Telefono principale ; Hoofdtelefoon ; Telefone principal ; 通常の電話
Radio Phone = Mobiltelefon 2 | Funktelefon ; Radio téléphone ; Radioteléfono ; Radiotelefono ; Radiotelefoon ; Radiotelefone | Radiofone ; 無線電話
TTY/TDD Phone = Telefon für Hörbehinderte ; Téléphone TDD/TTY ; Número de teletipo ; Telefono TTY/TDD ; Teksttelefoon ; Telefone TTY/TDD ; TTY/TDD
Telex = ; Télex ; Télex ; ; ; ; テレックス
Account = Konto ; Compte ; Cuenta ; ; ; Conta ; アカウント
Anniversary = Jahrestag ; Anniversaire de mariage ou fête ; Aniversario ; Anniversario ; Speciale datum ; Datas especiais | Aniversário ; 記念日
Assistant's Name = Name Assistent | Assistent(in) ; Nom de l'assistant(e) ; Nombre del ayudante ; Nome assistente ; Naam assistent ; Nome do assistente ; 秘書の氏名
Billing Information = Abrechnungsinformation ; Informations facturation ; Facturación ; Dati fatturazione ; Factuurinformatie ; Dados para facturação | Informações para cobrança ; 支払い条件
Birthday = Geburtstag ; Anniversaire ; Cumpleaños ; Compleanno ; Verjaardag ; Data de nascimento ; 誕生日
Categories = Kategorien ; Catégories ; Categorías ; Categorie ; Categorieën ; Categorias ; 分類
Children = Kinder ; Enfants ; Hijos ; Figli ; Kinderen ; Filhos ; 子供
Directory Server = Verzeichnisserver ; Serveur d'annuaire ; Servidor de directorio ; Server di elenchi in linea ; Directory-server ; Servidor de diretório ; ディレクトリ サーバー
E-mail Address = E-Mail-Adresse ; Adresse de messagerie | Adresse e-mail ; Dirección de correo electrónico ; Indirizzo posta elettronica | Indirizzo E-mail ; E-mailadres ; Endereço de correio electrónico | Endereço de email | Endereço de E-mail ; 電子メール アドレス
E-mail Type = E-Mail-Typ ; Type de messagerie ; Tipo de correo electrónico ; Tipo posta elettronica ; E-mailtype ; Tipo de correio electrónico | Tipo de email ; 電子メールの種類
E-mail Display Name = E-Mail: Angezeigter Name ; Nom complet de l'adresse de messagerie ; Nombre de pantalla de correo electrónico ; Nome visualizzato posta elettronica ; Weergavenaam voor e-mail ; Nome a apresentar para o correio electrónico | Nome para exibição do email ; 電子メール表示名
E-mail 2 Address = E-Mail 2: Adresse ; Adresse de messagerie 2 | Adresse e-mail 2 ; Dirección de correo electrónico 2 | Dirección del correo electrónico 2 ; Indirizzo posta elettronica 2 | Indirizzo E-mail 2 ; E-mailadres 2 ; Endereço do correio electrónico 2 | Endereço de email 2 | Endereço de E-mail 2 ; 電子メール 2 アドレス
E-mail 2 Type = E-Mail 2: Typ ; Type de messagerie 2 ; Tipo de correo electrónico 2 ; Tipo posta elettronica 2 ; E-mailtype 2 ; Tipo de correio electrónico 2 | Tipo de email 2 ; 電子メール 2 の種類
E-mail 2 Display Name = E-Mail 2: Angezeigter Name ; Nom complet de l'adresse de messagerie 2 ; Nombre de pantalla de correo electrónico 2 ; Nome visualizzato posta elettronica 2 ; E-mail, weergegeven naam 2 ; Nome a apresentar para o correio electrónico 2 | Nome para exibição do email 2 ; 電子メール 2 表示名
E-mail 3 Address = E-Mail 3: Adresse ; Adresse de messagerie 3 | Adresse e-mail 3 ; Dirección del correo electrónico 3 | Dirección de correo electrónico 3 ; Indirizzo posta elettronica 3 | Indirizzo E-mail 3 ; E-mailadres 3 ; Endereço do correio electrónico 3 | Endereço de email 3 | Endereço de E-mail 3 ; 電子メール 3 アドレス
E-mail 3 Type = E-Mail 3: Typ ; Type de messagerie 3 ; Tipo de correo electrónico 3 ; Tipo posta elettronica 3 ; E-mailtype 3 ; Tipo de correio electrónico 3 | Tipo de email 3 ; 電子メール 3 の種類
E-mail 3 Display Name = E-Mail 3: Angezeigter Name ; Nom complet de l'adresse de messagerie 3 ; Nombre de pantalla de correo electrónico 3 ; Nome visualizzato posta elettronica 3 ; E-mail, weergegeven naam 3 ; Nome a apresentar para o correio electrónico 3 | Nome para exibição do email 3 ; 電子メール 3 表示名
Gender = Geschlecht ; Sexe ; Género | Sexo ; Sesso ; Geslacht ; Sexo ; 性別
Government ID Number = Regierungsnr. | Sozialversicherungsnr. ; Code gouvernement ; Número de id. oficial ; Cod. Fisc./P. IVA ; Sofinummer ; Número do BI | Código do governo ; ID 番号
Hobby = ; Passe-temps ; Aficiones ; ; Hobby's ; Passatempo ; 趣味
Initials = Initialen ; Initiales ; Iniciales ; Iniziali ; Initialen ; Iniciais ; イニシャル
Internet Free Busy = Internet-Frei/Gebucht | Internet Frei/Gebucht ; Disponibilité Internet ; Disponibilidad de Internet ; Disponibilità Internet ; Internet Beschikbaarheidsinfo ; Disponibilidade da Internet ; インターネット空き時間情報
Keywords = Stichwörter ; Mots clés ; Palabras clave ; Parole chiave ; Trefwoorden ; Palavras-chave ; キーワード
Language = Sprache ; Langue ; Idioma ; Lingua ; Taal ; Idioma ; 言語
Location = Ort ; Emplacement ; Ubicación ; Luogo ; Locatie ; Localização | Local ; 場所
Manager's Name = Name des/der Vorgesetzten | Name des/r Vorgesetzten ; Responsable ; Nombre del director ; Nome manager ; Naam manager ; Nome do gestor | Nome do gerenciador ; マネージャー
Mileage = Reisekilometer ; Kilométrage ; Kilometraje ; Indennità trasferta ; Reisafstand ; Quilometragem ; 経費情報
Notes = Notizen ; ; Notas ; Note ; Notities ; Notas | Anotações ; メモ
Office Location = Büro ; Bureau ; Ubicación de la oficina | Oficina ; Ubicazione ufficio ; Kantoorlocatie ; Gabinete | Sala ; 事業所
Organizational ID Number = Organisationsnr. ; Code organisation ; Número de id. de la organización ; Num. ID organizzazione ; Organisatienummer ; Número de identificação ; 会社 ID
Priority = Priorität ; Priorité ; Prioridad ; Priorità ; Prioriteit ; Prioridade ; 優先度
Private = Privat ; Privé ; Privado ; Privato ; Privé ; Particular ; プライベート
Profession = Beruf ; ; Profesión ; Professione ; Beroep ; Profissão ; 職業
Referred By = Empfohlen von ; Recommandé par ; Recomendado por ; Presentato da ; Verwezen door ; Indicado por ; 参照事項
Sensitivity = Vertraulichkeit ; Critère de diffusion ; Confidencialidad ; Riservatezza ; Gevoeligheid ; Confidencialidade | Sensibilidade ; 秘密度
Spouse = Partner ; Conjoint(e) ; Cónyuge ; Nome coniuge | Coniuge ; Partner ; Cônjuge ; 配偶者
User 1 = Benutzer 1 ; Utilisateur 1 ; Usuario 1 ; Utente 1 ; Gebruiker 1 ; Utilizador 1 | Personalizado 1 ; ユーザー 1
User 2 = Benutzer 2 ; Utilisateur 2 ; Usuario 2 ; Utente 2 ; Gebruiker 2 ; Utilizador 2 | Personalizado 2 ; ユーザー 2
User 3 = Benutzer 3 ; Utilisateur 3 ; Usuario 3 ; Utente 3 ; Gebruiker 3 ; Utilizador 3 | Personalizado 3 ; ユーザー 3
User 4 = Benutzer 4 ; Utilisateur 4 ; Usuario 4 ; Utente 4 ; Gebruiker 4 ; Utilizador 4 | Personalizado 4 ; ユーザー 4
Web Page = Webseite ; Page Web ; Página web ; Pagina Web ; Webpagina ; Página na Web | Página da Web ; Web ページ
Company Yomi = Firma Yomi ; Société Yomi ; Compañía Yomi ; ; ; Yomi (empresa) ; 会社名フリガナ
Surname Yomi = Nachname Yomi ; Nom Yomi ; Apellido Yomi ; ; ; Yomi (sobrenome) ; 姓フリガナ
Given Yomi = Vorname Yomi ; Prénom Yomi ; Yomi especificada ; ; ; Yomi fornecido ; 名前フリガナ
"""  # noqa: E501 - one line a column, so that the languages stand beside each other

TRANSLATIONS: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
"""For each language, its name of a column to the English one."""

for _line in _TABLE.strip().splitlines():
    _english, _, _others = _line.partition(" =")
    for _language, _names in zip(LANGUAGES, _others.split(";"), strict=True):
        for _name in filter(None, map(str.strip, _names.split("|"))):
            TRANSLATIONS[_language][_name] = _english
